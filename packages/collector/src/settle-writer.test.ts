import { expect, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { PLAN_SUFFIX } from './log/segment.ts';
import { settleWriter } from './settle-writer.ts';
import { aFolder } from './testing/temporary.ts';

test('goes on until a segment that failed between the drain and the pause is stored', async () => {
  const disk = await openDisk(await aFolder());
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

test('says what to look at when the log does not empty', async () => {
  const writer = { drain: async () => false, pause: async () => {}, resume: () => {} };

  await expect(settleWriter(writer, await openDisk(await aFolder()))).rejects.toThrow('See /readyz');
});
