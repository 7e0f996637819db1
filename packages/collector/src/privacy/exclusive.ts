import { Problem } from '../problem.ts';

/** Verification and erasure pause the writer and rely on raw standing still: one at a time. */
export interface Exclusive {
  /**
   * Acts when everything that was asked for before has ended.
   *
   * @param whyLong - What it does while that may take hours, for people: see {@link Exclusive.requireNoLongWait}.
   */
  run<Result>(act: () => Promise<Result>, whyLong?: () => string | undefined): Promise<Result>;
  /** @throws Problem 503 while something is under way that may take hours: nobody would hear of what waits behind it. */
  requireNoLongWait(): void;
}

const LOOK_AGAIN_SECONDS = 60;

export function createExclusive(): Exclusive {
  let turn: Promise<unknown> = Promise.resolve();
  let current: (() => string | undefined) | undefined;
  return {
    run(act, whyLong) {
      const result = turn.then(async () => {
        current = whyLong;
        try {
          return await act();
        } finally {
          current = undefined;
        }
      });
      turn = result.catch(() => undefined); // Whoever asked gets the error; the next one still has its turn.
      return result;
    },
    requireNoLongWait() {
      const why = current?.();
      if (why === undefined) return;
      throw new Problem(
        503,
        'busy',
        `This would wait for something that may take long, so nothing was begun: ${why}. Ask again when checks.rollups in /readyz is "ok".`,
        LOOK_AGAIN_SECONDS,
      );
    },
  };
}
