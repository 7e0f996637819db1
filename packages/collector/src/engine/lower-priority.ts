import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Where both want to run, the engine gets a tenth of what the collector gets. */
const STEPS = 10;
const LOWEST = 19;

/**
 * Lets the collector go first: batches wait for its one thread, and nobody waits for a block to be stored or for parts to be
 * merged. What the engine starts later inherits it.
 *
 * Linux has a priority for each thread, and `setPriority` of a process sets that of its first one only.
 */
export function lowerPriority(): void {
  // That of whoever started this process, which may be another one than 0.
  const priority = lowerThan(getPriority());
  for (const id of threadsOfThisProcess()) {
    try {
      setPriority(id, priority);
    } catch {
      // A thread that has ended, or a system that has no such thing: it runs as it is.
    }
  }
}

export const lowerThan = (priority: number): number => Math.min(LOWEST, priority + STEPS);

/** 0 is this process: other systems have one priority for all of its threads. */
function threadsOfThisProcess(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
