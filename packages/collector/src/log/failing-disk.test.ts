import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';
import { MEGABYTE, never, openLog, withFiles } from './a-log.test-helper.ts';
import { openDisk } from './disk.ts';
import { LogFailed } from './log.ts';
import { decodeSegment } from './record.ts';

test('goes on when a sealed file cannot be closed: its records are synced', async () => {
  const disk = await openDisk(await aFolder());
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      async close() {
        await file.close();
        throw new Error('EIO');
      },
    })),
  });
  await log.append([anEntry()]);

  await log.seal();
  await log.append([anEntry()]);

  expect([log.oldest()?.rows, log.current()?.rows]).toEqual([1, 1]);
});

test('leaves no file behind when a new segment cannot even begin', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  let full = true;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      append: (bytes) => (full ? Promise.reject(new Error('ENOSPC')) : file.append(bytes)),
    })),
  });

  await expect(log.append([anEntry()])).rejects.toThrow(LogFailed);
  await expect(log.append([anEntry()])).rejects.toThrow(LogFailed);
  expect(await readdir(folder)).toEqual([]);
  full = false;
  await log.append([anEntry()]);
  expect(log.current()?.rows).toBe(1);
});

test('refuses a group whose sync fails, keeps those before it, and never syncs that file again', async () => {
  const disk = await openDisk(await aFolder());
  let broken = false;
  const syncsAfterFailure: number[] = [];
  let files = 0;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => {
      files += 1;
      const number = files;
      let hasFailed = false;
      return {
        ...file,
        async sync() {
          if (hasFailed) syncsAfterFailure.push(number);
          if (broken) {
            hasFailed = true;
            throw new Error('EIO');
          }
          await file.sync();
        },
      };
    }),
  });
  const [before, refused, after] = [anEntry(), anEntry(), anEntry()];
  await log.append([before]);

  broken = true;
  await expect(log.append([refused])).rejects.toThrow(LogFailed);
  broken = false;
  await log.append([after]);
  await log.seal();

  const kept: string[] = [];
  for (let segment = log.oldest(); segment; segment = log.oldest()) {
    const bytes = await disk.read(segment.name);
    kept.push(
      ...decodeSegment(bytes.subarray(0, segment.bytes))
        .records.slice(1)
        .map(({ key }) => key),
    );
    await log.remove(segment);
  }
  expect(kept).toEqual([before.key, after.key]);
  expect(files).toBe(2);
  expect(syncsAfterFailure).toEqual([]);
});

test('refuses a group that the disk takes only half of, and a reader never sees that half', async () => {
  const disk = await openDisk(await aFolder());
  let full = false;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      async append(bytes) {
        await file.append(full ? bytes.subarray(0, bytes.byteLength / 2) : bytes);
        if (full) throw new Error('ENOSPC');
      },
    })),
  });
  await log.append([anEntry()]);

  full = true;
  await expect(log.append([anEntry()])).rejects.toThrow('The log cannot be written: Error: ENOSPC');
  expect(log.failure()?.message).toContain('ENOSPC');

  const segment = log.oldest() ?? never();
  expect(decodeSegment(await disk.read(segment.name))).toMatchObject({
    state: 'whole',
    validBytes: segment.bytes,
  });
});
