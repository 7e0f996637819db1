import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';
import { aLog, keysIn, MEGABYTE, never, openLog, withFiles } from './a-log.test-helper.ts';
import { type Disk, openDisk } from './disk.ts';
import { decodeSegment } from './record.ts';

test('has an entry on disk when append resolves', async () => {
  const { folder, log } = await aLog();
  const entry = anEntry();

  await log.append([entry]);

  const [name = ''] = await readdir(folder);
  expect(await keysIn(folder, name)).toEqual([entry.key]);
});

test('writes what comes during a sync as one group, in order', async () => {
  let syncs = 0;
  const disk = withFiles(await openDisk(await aFolder()), (file) => ({
    ...file,
    sync: () => {
      syncs += 1;
      return file.sync();
    },
  }));
  const log = await openLog({ disk, maxBytes: MEGABYTE });
  const entries = Array.from({ length: 50 }, () => anEntry());

  await Promise.all(entries.map((entry) => log.append([entry])));
  await log.seal();

  expect(syncs).toBeLessThanOrEqual(2);
  const { records } = decodeSegment(await disk.read(log.oldest()?.name ?? ''));
  expect(records.slice(1).map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
});

test('seals a segment that is full and goes on in the next', async () => {
  const { log } = await aLog({ maxSegmentRows: 2 });

  await log.append([anEntry(), anEntry()]);
  await log.append([anEntry()]);

  expect(log.oldest()?.rows).toBe(2);
  expect(log.current()?.rows).toBe(1);
});

test('writes what gathered while the disk hung in groups of bounded size, in order', async () => {
  const disk = await openDisk(await aFolder());
  const sizes: number[] = [];
  const log = await openLog({
    maxBytes: 100 * MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      append(bytes) {
        sizes.push(bytes.byteLength);
        return file.append(bytes);
      },
    })),
  });
  const entries = Array.from({ length: 10 }, () => ({
    ...anEntry(),
    json: JSON.stringify({ text: 'é'.repeat(MEGABYTE / 2) }),
  }));

  await Promise.all(entries.map((entry) => log.append([entry])));
  await log.seal();

  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * MEGABYTE);
  const { records } = decodeSegment(await disk.read(log.oldest()?.name ?? ''));
  expect(records.slice(1).map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
});

test('forgets a segment whose removal the disk reports as failed, though the file is gone', async () => {
  const disk = await openDisk(await aFolder());
  const failing: Disk = {
    ...disk,
    async remove(name) {
      await disk.remove(name);
      throw new Error('EIO: the folder cannot be synced');
    },
  };
  const log = await openLog({ disk: failing, maxBytes: MEGABYTE, maxSegmentRows: 1 });
  await log.append([anEntry()]);
  const segment = log.oldest() ?? never();

  await expect(log.remove(segment)).rejects.toThrow('EIO');

  expect(log.oldest()).toBeUndefined();
});
