import { quietly } from './quietly.ts';

/**
 * `setTimeout` as it should be: `work` runs later or never, and what it throws stays here.
 *
 * @returns A function that calls it off.
 */
export function later(work: () => void, ms = 0): () => void {
  // A page may have replaced it with one that calls at once: who schedules again would never return.
  let isLater = false;
  const timer = quietly(() => setTimeout(() => isLater && quietly(work), ms));
  isLater = true;
  return () => quietly(() => clearTimeout(timer));
}

/** Rejects when `work` takes longer than it may. `work` itself goes on. */
export function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    later(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
}
