import { expect, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { PLAN_SUFFIX } from './log/segment.ts';
import { settleWriter } from './settle-writer.ts';
import { aFolder } from './testing/temporary.ts';

test('goes on until a segment that failed between the drain and the pause is stored', async () => {
  const disk = await openDisk(await aFolder());
  await disk.write('segment', Buffer.from('rows'));
  const plan = `segment${PLAN_SUFFIX}`;
  const steps: string[] = [];
  const writer = {
    async drain() {
      steps.push('drain');
      // The second time, the segment that was left behind a plan is stored.
      if (steps.length > 1) await disk.remove(plan);
      return true;
    },
    async pause() {
      steps.push('pause');
      if (steps.length === 2) await disk.write(plan, Buffer.from('{}'));
    },
    resume: () => void steps.push('resume'),
  };

  await settleWriter(writer, disk);

  expect(steps).toEqual(['drain', 'pause', 'resume', 'drain', 'pause']);
});

test('does not wait for what is stored and could not be removed', async () => {
  const disk = await openDisk(await aFolder());
  const resumed: string[] = [];
  const writer = { drain: async () => true, pause: async () => {}, resume: () => void resumed.push('again') };

  // Its segment is gone: it has been carried out.
  await disk.write(`gone${PLAN_SUFFIX}`, Buffer.from('{}'));
  await settleWriter(writer, disk);
  expect(resumed).toEqual([]);

  for (const name of ['left', `left${PLAN_SUFFIX}`]) await disk.write(name, Buffer.from('{}'));
  await expect(settleWriter(writer, disk)).rejects.toThrow('The segment left is stored');
  expect(resumed).toHaveLength(2);
});

test('says what to look at when the log does not empty', async () => {
  const writer = { drain: async () => false, pause: async () => {}, resume: () => {} };

  await expect(settleWriter(writer, await openDisk(await aFolder()))).rejects.toThrow('See /readyz');
});

test('lets the writer go on when the folder of the log cannot be read', async () => {
  const disk = await openDisk(await aFolder());
  const steps: string[] = [];
  const writer = {
    drain: async () => true,
    pause: async () => void steps.push('pause'),
    resume: () => void steps.push('resume'),
  };
  // As of a process that has too many files open.
  const list = () => Promise.reject(new Error('EMFILE: too many open files, scandir'));

  await expect(settleWriter(writer, { ...disk, list })).rejects.toThrow('EMFILE');
  expect(steps).toEqual(['pause', 'resume']);
});
