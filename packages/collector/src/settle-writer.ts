import type { Disk } from './log/disk.ts';
import { PLAN_SUFFIX } from './log/segment.ts';
import type { Writer } from './writer.ts';

/** The database is waited for so long. */
const DRAIN_MS = 60_000;

/**
 * Brings the writer to rest with everything stored that it began: what is counted anew from raw then stands still.
 * Acknowledgements go on. Call `writer.resume()` afterwards. When this throws, the writer goes on by itself.
 *
 * @param disk - The log's folder.
 * @throws Error when the log does not empty, and whatever the disk says.
 */
export async function settleWriter(
  writer: Pick<Writer, 'drain' | 'pause' | 'resume'>,
  disk: Disk,
): Promise<void> {
  let before: readonly string[] = [];
  for (;;) {
    if (!(await writer.drain(DRAIN_MS))) {
      throw new Error(
        'The log does not empty: the database is not taking its rows. See /readyz, then try again.',
      );
    }
    await writer.pause();
    // A plan is a segment that failed since: raw may have it and a rollup not. What is counted anew from raw
    // would then be counted a second time by its replay.
    const planned = await plannedSegments(disk).catch((error) => {
      writer.resume();
      throw error;
    });
    if (planned.length === 0) return;
    writer.resume();
    const left = planned.find((name) => before.includes(name));
    // All that came before this round is stored, and this segment did: only a start reads it again.
    if (left !== undefined)
      throw new Error(
        `The segment ${left} is stored, and its file could not be removed. Look at the disk, restart the collector, then try again.`,
      );
    before = planned;
  }
}

/** A plan without its segment has been carried out. */
async function plannedSegments(disk: Disk): Promise<string[]> {
  const names = new Set(await disk.list());
  return [...names].filter((name) => names.has(`${name}${PLAN_SUFFIX}`));
}
