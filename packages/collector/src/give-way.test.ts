import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { giveWay } from './give-way.ts';

let clock = 0;
beforeEach(() => {
  clock += 1_000; // What an earlier test was owed is over.
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => vi.restoreAllMocks());

/** Gives way, while others take so long. */
async function waitBehind(ms: number): Promise<void> {
  const given = giveWay();
  clock += ms;
  await given;
}

/** Whether somebody else who waits has a turn meanwhile. */
async function letsOthers(): Promise<boolean> {
  let hadTurn = false;
  setTimeout(() => {
    hadTurn = true;
  }, 0);
  await giveWay();
  return hadTurn;
}

test('lets others have their turn each time while nobody keeps it waiting', async () => {
  await waitBehind(0);

  expect(await letsOthers()).toBe(true);
  expect(await letsOthers()).toBe(true);
});

test('works half as long as it waited before it gives way again', async () => {
  await waitBehind(80);

  clock += 39;
  expect(await letsOthers()).toBe(false);
  clock += 1;
  expect(await letsOthers()).toBe(true);
});

test('keeps nobody waiting for longer than a twentieth of a second, however long it waited', async () => {
  await waitBehind(60_000);

  clock += 49;
  expect(await letsOthers()).toBe(false);
  clock += 1;
  expect(await letsOthers()).toBe(true);
});
