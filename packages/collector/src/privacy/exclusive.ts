/** Verification and erasure pause the writer and rely on raw standing still: one at a time. */
export interface Exclusive {
  /** Acts when everything that was asked for before has ended. */
  run<Result>(act: () => Promise<Result>): Promise<Result>;
}

export function createExclusive(): Exclusive {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    run(act) {
      const result = turn.then(act);
      turn = result.catch(() => undefined); // Whoever asked gets the error; the next one still has its turn.
      return result;
    },
  };
}
