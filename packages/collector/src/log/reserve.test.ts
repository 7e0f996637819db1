import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aSmallDisk } from '../testing/small-disk.ts';
import { aFolder } from '../testing/temporary.ts';
import { type Disk, openDisk } from './disk.ts';
import { openReserve, type ReserveOptions } from './reserve.ts';

const KILOBYTE = 1024;

/** A reserve of 10 KiB on a disk of 40. */
async function aReserve(overrides: Partial<ReserveOptions> = {}) {
  const folder = await aFolder();
  const small = await aSmallDisk(folder, 40 * KILOBYTE);
  let looks = 0;
  const disk: Disk = {
    ...small.disk,
    free() {
      looks += 1;
      return small.disk.free();
    },
  };
  const changes: boolean[] = [];
  const open = async () => {
    const reserve = await openReserve({
      disk,
      maxLogBytes: 20 * KILOBYTE,
      onChange: (isKept) => changes.push(isKept),
      ...overrides,
    });
    onTestFinished(reserve.close);
    return reserve;
  };
  return { ...small, disk, looks: () => looks, open, changes, reserve: await open() };
}

test('is a file with all its bytes on the medium, and is found at the next start', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  await openReserve({ disk, maxLogBytes: 8 * KILOBYTE * KILOBYTE });
  const made = await stat(join(folder, `reserve-${4 * KILOBYTE * KILOBYTE}`));

  await openReserve({ disk, maxLogBytes: 8 * KILOBYTE * KILOBYTE });

  expect(made.blocks * 512).toBeGreaterThanOrEqual(4 * KILOBYTE * KILOBYTE);
  expect((await stat(join(folder, `reserve-${4 * KILOBYTE * KILOBYTE}`))).ino).toBe(made.ino);
});

test('is no larger than a segment and its plan need, however much the log may take', async () => {
  const { disk } = await aReserve();

  expect((await openReserve({ disk, maxLogBytes: 1024 ** 4 })).bytes).toBe(64 * 1024 ** 2);
});

test('makes room for a write on a full disk, and says so', async () => {
  const { reserve, fill, changes } = await aReserve();
  await fill();

  await reserve.disk.write('a.plan', Buffer.alloc(5 * KILOBYTE));

  expect(await reserve.disk.list()).toEqual(['a.plan']);
  expect(reserve.isKept()).toBe(false);
  expect(changes).toEqual([false]);
});

test('asks for room when even the reserve is not enough', async () => {
  const { reserve, fill } = await aReserve();
  await fill();

  await expect(reserve.disk.write('a.plan', Buffer.alloc(11 * KILOBYTE))).rejects.toThrow(
    'a.plan needs 11264 bytes, and the reserve is used up. Make some room',
  );
});

test('stays when a write fails for another reason', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  const failing = { ...disk, write: () => Promise.reject(new Error('EIO')) };
  const reserve = await openReserve({ disk: failing, maxLogBytes: 20 * KILOBYTE });

  await expect(reserve.disk.write('a.plan', Buffer.alloc(1))).rejects.toThrow('EIO');

  expect(reserve.isKept()).toBe(true);
});

test('is made again when the log is drained and there is room', async () => {
  const { reserve, fill, looks, changes } = await aReserve();
  await fill();
  await reserve.disk.write('a.plan', Buffer.alloc(5 * KILOBYTE));
  await reserve.disk.remove('a.plan');
  const before = looks();
  let isDrained = false;
  reserve.watch(() => isDrained);

  // Room for it once is not enough while something waits that may need that room.
  await expect.poll(() => looks() - before, { timeout: 60_000 }).toBe(2);
  expect(reserve.isKept()).toBe(false);
  isDrained = true;
  await expect.poll(() => reserve.isKept(), { timeout: 60_000 }).toBe(true);
  expect(changes).toEqual([false, true]);
});

test('is made again at once when there is room for it twice, whatever waits', async () => {
  const { reserve, fill, clear } = await aReserve();
  await fill();
  await reserve.disk.write('a.plan', Buffer.alloc(KILOBYTE));
  clear();

  reserve.watch(() => false);

  await expect.poll(() => reserve.isKept(), { timeout: 60_000 }).toBe(true);
});

test('is given up at a start on a disk without room, and on demand', async () => {
  const { reserve, fill, clear, open, disk } = await aReserve();
  await reserve.releaseIfScarce();
  expect(reserve.isKept()).toBe(true);

  await fill();
  await reserve.releaseIfScarce();
  expect([reserve.isKept(), await disk.list()]).toEqual([false, []]);

  clear();
  expect((await open()).isKept()).toBe(true);
  await fill();
  expect((await open()).isKept()).toBe(false);
  expect(await disk.list()).toEqual([]);
});

test('leaves nothing behind where there is no room for it, nor of another size', async () => {
  const { disk, fill, open, changes } = await aReserve();
  await disk.write('reserve-77', Buffer.alloc(77));
  await disk.write('reserve-77.tmp', Buffer.alloc(20));
  await disk.remove(`reserve-${10 * KILOBYTE}`);
  await fill();

  const reserve = await open();

  expect([reserve.isKept(), await disk.list()]).toEqual([false, []]);
  expect(changes).toEqual([false]);
});
