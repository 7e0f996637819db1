import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aLog, MEGABYTE, never, openLog } from './a-log.test-helper.ts';
import type { Disk } from './disk.ts';

test('keeps unstored segments over a restart and gives them in order', async () => {
  const { log, open } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  const first = log.oldest();

  const again = await open();

  expect(again.oldest()).toEqual({ ...first, isInherited: true });
  await again.remove(again.oldest() ?? never());
  expect(again.oldest()?.rows).toBe(1);
  await again.remove(again.oldest() ?? never());
  expect([again.oldest(), again.bytes(), again.since()]).toEqual([undefined, 0, undefined]);
});

test('writes anew what the last run may not have synced, unless a plan says that it was', async () => {
  const { disk, log } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  const written: string[] = [];
  const watched: Disk = {
    ...disk,
    write(name, bytes) {
      written.push(name);
      return disk.write(name, bytes);
    },
  };

  const again = await openLog({ disk: watched, maxBytes: MEGABYTE });
  expect(written).toEqual(['000000000001.log', '000000000002.log']);
  expect(again.oldest()?.rows).toBe(1);

  await disk.write('000000000002.log.plan', Buffer.from('a plan'));
  await openLog({ disk: watched, maxBytes: MEGABYTE });
  expect(written).toEqual(['000000000001.log', '000000000002.log', '000000000001.log']);
});

test('gives segments that were planned before those that were not', async () => {
  const { disk, log, open } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  await disk.write('000000000002.log.plan', Buffer.from('a plan'));

  const again = await open();

  expect(again.oldest()?.name).toBe('000000000002.log');
  await again.remove(again.oldest() ?? never());
  expect(again.oldest()?.name).toBe('000000000001.log');
});

test('gives no segment the number of one that was set aside, or left its plan', async () => {
  const { disk, open } = await aLog();
  await disk.write('000000000003.log.damaged', Buffer.from('of an earlier year'));
  await disk.write('000000000007.log.plan', Buffer.from('carried out'));

  const log = await open();
  await log.append([anEntry()]);

  expect(await disk.list()).toContain('000000000008.log');
});

test('removes what the last run did not finish writing', async () => {
  const { folder, open } = await aLog();
  await writeFile(join(folder, '000000000001.log.plan.tmp'), 'half');

  await open();

  expect(await readdir(folder)).toEqual([]);
});
