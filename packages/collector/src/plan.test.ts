import { expect, test } from 'vitest';
import { type Disk, openDisk } from './log/disk.ts';
import { openPlans, type Plan } from './plan.ts';
import { aFolder } from './testing/temporary.ts';

const segment = { id: 'a-token', name: '000000000001.log', bytes: 10, rows: 1, since: 0 };
const plan: Plan = { token: 'a-token', planned_at: 0, bytes: 10, duplicates: [0], refused: [] };

/** A folder with a segment, and the names that were written whole into it. */
async function aLogFolder() {
  const disk = await openDisk(await aFolder());
  await disk.write(segment.name, Buffer.from('a segment'));
  const written: string[] = [];
  let hasFailed = false;
  const watched: Disk = {
    ...disk,
    async write(name, bytes) {
      await disk.write(name, bytes);
      written.push(name);
      if (hasFailed) throw new Error('EIO: the folder cannot be synced');
    },
  };
  return {
    disk: watched,
    written,
    failWrites: (isFailing: boolean) => {
      hasFailed = isFailing;
    },
  };
}

test('writes a plan of an earlier run once more before anybody carries it out', async () => {
  const { disk, written } = await aLogFolder();
  await (await openPlans(disk)).write(segment, plan);

  const plans = await openPlans(disk);

  expect(await plans.read(segment)).toEqual(plan);
  expect(written).toHaveLength(2);
  expect(await plans.read(segment)).toEqual(plan);
  expect(written).toHaveLength(2);
});

test('writes a plan once more whose first write failed late', async () => {
  const { disk, written, failWrites } = await aLogFolder();
  const plans = await openPlans(disk);
  failWrites(true);
  await expect(plans.write(segment, plan)).rejects.toThrow('EIO');

  await expect(plans.read(segment)).rejects.toThrow('EIO');
  failWrites(false);

  expect(await plans.read(segment)).toEqual(plan);
  expect(written).toHaveLength(3);
});

test('removes a plan whose segment is gone', async () => {
  const { disk } = await aLogFolder();
  await (await openPlans(disk)).write(segment, plan);
  await disk.remove(segment.name);

  await openPlans(disk);

  expect(await disk.list()).toEqual([]);
});
