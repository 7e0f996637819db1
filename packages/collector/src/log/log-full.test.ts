import { expect, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';
import { aLog, MEGABYTE, never, openLog, withFiles } from './a-log.test-helper.ts';
import { openDisk } from './disk.ts';
import { DiskFull, LogBusy, LogFull } from './log.ts';

test('says that it is full before anything is appended, until a segment is gone', async () => {
  const { log } = await aLog({ maxBytes: MEGABYTE });
  const filling = (bytes: number) => ({ ...anEntry(), json: JSON.stringify({ text: 'x'.repeat(bytes) }) });
  await log.append([filling(0.98 * MEGABYTE)]);
  expect(log.whyFull()).toBeUndefined();

  await log.append([filling(0.011 * MEGABYTE)]);

  expect(log.whyFull()).toBeInstanceOf(LogFull);
  expect(log.failure()?.message).toContain(`its limit is ${MEGABYTE}`);
  await log.seal();
  await log.remove(log.oldest() ?? never());
  expect(log.whyFull()).toBeUndefined();
  expect(log.failure()).toBeUndefined();
});

test('says that the disk is full before anything is appended', async () => {
  let isKept = false;
  const { log } = await aLog({ reserve: { isKept: () => isKept } });

  expect(log.whyFull()).toBeInstanceOf(DiskFull);
  isKept = true;
  expect(log.whyFull()).toBeUndefined();
});

test('refuses more than its limit and takes again when a segment is gone', async () => {
  const { log } = await aLog({ maxBytes: 1_500 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);

  await expect(log.append([anEntry()])).rejects.toThrow(LogFull);
  expect(log.failure()?.message).toContain('its limit is 1500');
  await log.seal();
  await log.remove(log.oldest() ?? never());
  expect(log.failure()).toBeUndefined();

  await log.append([anEntry()]);
  expect(log.current()?.rows).toBe(1);
});

test('holds no more in memory than its limit while the disk hangs, and takes again when it goes on', async () => {
  let goOn = () => {};
  const hanging = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const disk = await openDisk(await aFolder());
  const log = await openLog({
    maxBytes: 100 * MEGABYTE,
    maxWaitingBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({ ...file, sync: () => hanging.then(file.sync) })),
  });
  const large = () => ({ ...anEntry(), json: JSON.stringify({ text: 'x'.repeat(MEGABYTE / 3) }) });

  const answers = Promise.allSettled(Array.from({ length: 10 }, () => log.append([large()])));
  await expect(log.append([large()])).rejects.toBeInstanceOf(LogBusy);
  expect(log.failure()).toBeUndefined();
  goOn();

  const taken = (await answers).filter(({ status }) => status === 'fulfilled');
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThan(10);
  await log.append([large()]);
  expect(log.current()?.rows).toBe(taken.length + 1);
});
