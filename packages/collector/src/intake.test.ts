import { expect, test } from 'vitest';
import { createIntake } from './intake.ts';
import type { LogEntry } from './log/record.ts';
import { createRecent, KEEP_IDS_MS } from './recent.ts';
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

/** As of a collector that knows what came before it. */
function aWholeMemory() {
  const recent = createRecent();
  recent.remember([], 0);
  return recent;
}

const settled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

test('answers a duplicate in flight only when its twin is on disk', async () => {
  const log = aSlowLog();
  const intake = createIntake(log, aWholeMemory());
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
  const intake = createIntake(log, aWholeMemory());
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
  const intake = createIntake(log, aWholeMemory());
  const entry = anEntry();

  const taken = intake.take([entry, entry]);
  log.ends[0]?.resolve();

  expect(await taken).toEqual({ duplicates: 1 });
  expect(log.appended).toEqual([[entry]]);
});

test('calls rows doubtful while memory is young, and no longer once it is told what came before', async () => {
  const appended: LogEntry[] = [];
  const recent = createRecent();
  const intake = createIntake({ append: async (entries) => void appended.push(...entries) }, recent);
  const rejection: LogEntry = { kind: 'r', key: 'demo/batch#0', json: '{}' };

  await intake.take([anEntry(), rejection]);
  recent.remember(['demo/earlier'], Date.now() - KEEP_IDS_MS);
  await intake.take([anEntry()]);

  expect(appended.map(({ kind }) => kind)).toEqual(['d', 'r', 'i']);
});

test('drops what an earlier run took', async () => {
  const recent = createRecent();
  const intake = createIntake({ append: () => Promise.reject(new Error('nothing is new')) }, recent);
  const entry = anEntry();
  recent.remember([entry.key], Date.now());

  expect(await intake.take([entry])).toEqual({ duplicates: 1 });
});

test('is whole when it is as old as what it keeps, counting what it was told', () => {
  let now = 10_000;
  const recent = createRecent({ keepMs: 1_000, now: () => now });

  expect(recent.isWhole()).toBe(false);
  recent.remember([], 9_500);
  expect(recent.isWhole()).toBe(false);
  now = 10_499;
  expect(recent.isWhole()).toBe(false);
  now = 10_500;
  expect(recent.isWhole()).toBe(true);
});

test('remembers ids for the time it promises, and forgets them later', () => {
  let now = 0;
  const recent = createRecent({ keepMs: 1_000, now: () => now });
  const claim = (key: string) => {
    const isKnown = recent.claim(key, Promise.resolve()) !== undefined;
    if (!isKnown) recent.settle([key]);
    return isKnown;
  };

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
