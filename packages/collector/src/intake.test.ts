import { expect, test } from 'vitest';
import { createIntake } from './intake.ts';
import type { LogEntry } from './log/record.ts';
import { createRecent } from './recent.ts';
import { anEntry } from './testing/rows.ts';

/** A log whose appends end when the test says so. */
function aSlowLog() {
  const appended: LogEntry[][] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    appended,
    ends,
    append: (entries: readonly LogEntry[]) => {
      appended.push([...entries]);
      return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    },
  };
}

const settled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

test('answers a duplicate in flight only when its twin is on disk', async () => {
  const log = aSlowLog();
  const intake = createIntake(log, createRecent());
  const entry = anEntry();

  const first = intake.take([entry]);
  const second = intake.take([entry]);

  expect(await settled(second)).toBe(false);
  log.ends[0]?.resolve();
  expect(await first).toEqual({ duplicates: 0 });
  expect(await second).toEqual({ duplicates: 1 });
  expect(log.appended).toEqual([[entry]]);
});

test('fails a duplicate whose twin fails, and takes the retry of both as new', async () => {
  const log = aSlowLog();
  const intake = createIntake(log, createRecent());
  const entry = anEntry();
  const first = intake.take([entry]);
  const second = intake.take([entry]);

  log.ends[0]?.reject(new Error('disk'));

  await expect(first).rejects.toThrow('disk');
  await expect(second).rejects.toThrow('disk');
  const retry = intake.take([entry]);
  log.ends[1]?.resolve();
  expect(await retry).toEqual({ duplicates: 0 });
});

test('counts the same id twice in one batch once', async () => {
  const log = aSlowLog();
  const intake = createIntake(log, createRecent());
  const entry = anEntry();

  const taken = intake.take([entry, entry]);
  log.ends[0]?.resolve();

  expect(await taken).toEqual({ duplicates: 1 });
  expect(log.appended).toEqual([[entry]]);
});

test('remembers ids for the time it promises, and forgets them later', () => {
  let now = 0;
  const recent = createRecent({ keepMs: 1_000, now: () => now });
  const claim = (key: string) => recent.claim(key, Promise.resolve()) !== undefined;

  expect(claim('demo/1')).toBe(false);
  now = 999;
  expect(claim('demo/1')).toBe(true);
  now = 1_000;
  expect(claim('demo/2')).toBe(false);
  expect(claim('demo/1')).toBe(true);
  now = 2_000;
  expect(claim('demo/3')).toBe(false);
  expect(claim('demo/1')).toBe(false);
});
