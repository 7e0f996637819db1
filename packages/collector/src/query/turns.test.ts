import { expect, test } from 'vitest';
import { createTurns, TooMany } from './turns.ts';

/** Work that ends when it is told to. */
function work() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const state = { isBegun: false };
  const run = () => {
    state.isBegun = true;
    return ended;
  };
  return { run, end: () => end(), state };
}

test('does two things at once, the others in their order, and refuses who would wait behind too many', async () => {
  const takeTurn = createTurns(2, 1);
  const all = [work(), work(), work()];
  const done = all.map(({ run }) => takeTurn(run));
  const begun = () => all.map(({ state }) => state.isBegun);
  expect(begun()).toEqual([true, true, false]);

  await expect(takeTurn(async () => 'too late')).rejects.toThrow(TooMany);
  all[0]?.end();
  await done[0];
  expect(begun()).toEqual([true, true, true]);
  for (const { end } of all) end();
  await Promise.all(done);

  expect(await takeTurn(async () => 'again')).toBe('again');
});

test('goes on when one of them fails', async () => {
  const takeTurn = createTurns(1, 9);
  const failing = takeTurn(() => Promise.reject(new Error('broken')));
  const next = takeTurn(async () => 'next');

  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
