import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Where something else wants to run, the engine gets a tenth of what an ordinary process gets. */
export const NICENESS = 10;

/**
 * Lets the collector go first: batches wait for its one thread, and nobody waits for a block to be stored or for parts to be
 * merged. What the engine starts later inherits it.
 *
 * Linux has a priority for each thread, and `setPriority` of a process sets that of its first one only.
 */
export function lowerPriority(): void {
  for (const id of threadsOfThisProcess()) {
    try {
      setPriority(id, NICENESS);
    } catch {
      // A thread that has ended, or a system that has no such thing: it runs as it is.
    }
  }
}

/** 0 is this process: other systems have one priority for all of its threads. */
function threadsOfThisProcess(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
