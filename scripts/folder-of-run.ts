/**
 * Gives a run of tests a folder of its own, in memory where there is room. It is gone when the run is over.
 *
 * The engine and the log sync to the disk before they acknowledge anything, and a run of all tests does so tens of
 * thousands of times. What survives a kill is the same in memory; what survives a power cut is what the simulation
 * tests, on a disk of its own. A `TMPDIR` that is set is where it goes.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Several times what a run has at once (0.3 GB by three workers). A container often has 64 MB there. */
const ROOM_BYTES = 2 * 1024 ** 3;

function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, process.availableMemory()) >= ROOM_BYTES;
  } catch {
    return false; // Only Linux has it.
  }
}

/** Runs before the first test of a run; what it returns runs after the last. */
export function setup(): () => void {
  const isInMemory = process.env.TMPDIR === undefined && hasRoomInMemory();
  const folder = mkdtempSync(join(isInMemory ? MEMORY : tmpdir(), 'turnout-tests-'));
  process.env.TMPDIR = folder;
  // What several tests start from; see prepared-folder.test-helper.ts.
  process.env.TURNOUT_TEST_FOLDER = folder;
  // An engine that lost its collector may still be closing its files.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  // Whoever interrupts a run keeps vitest from tidying up, and memory is not for leftovers.
  process.once('exit', remove);
  return remove;
}
