/**
 * Gives a run a temporary folder in memory, where there is room for one.
 *
 * The engine and the log sync to the disk before they acknowledge anything, and a run of all tests does so tens of
 * thousands of times. What survives a kill is the same in memory; what survives a power cut is what the simulation
 * tests, on a disk of its own. A `TMPDIR` that is set stays.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Several times what a run has at once. A container often has 64 MB there. */
const ROOM_BYTES = 4 * 1024 ** 3;

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, process.availableMemory()) >= ROOM_BYTES;
  } catch {
    return false; // Only Linux has it.
  }
}

/** Runs before the first test of a run; what it returns runs after the last. */
export function setup(): (() => void) | undefined {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return undefined;
  const folder = mkdtempSync(join(MEMORY, 'turnout-'));
  process.env.TMPDIR = folder;
  // An engine that lost its collector may still be closing its files.
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}
