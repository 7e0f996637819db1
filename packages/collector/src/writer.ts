/**
 * The writer: sealed segments go to the database, oldest first, each as one block, each until the
 * database has acknowledged it.
 *
 * For each segment: plan (what to leave out) → block → insert under the segment's token → forget. A
 * crash between any two steps is repaired by doing the step again: the plan is read instead of made
 * anew, and the same block under the same token changes nothing.
 */

import type { Log } from './log/log.ts';
import type { Segment } from './log/segment.ts';
import { type StoreOptions, storeSegment } from './store-segment.ts';

export interface Writer {
  /** Starts taking segments. */
  start(): void;
  /** Resolves when everything appended before is in the database, or `deadlineMs` have passed. True: all is. */
  drain(deadlineMs: number): Promise<boolean>;
  /** Finishes the segment under way and takes no more until `resume`. The log goes on growing. */
  pause(): Promise<void>;
  resume(): void;
  /**
   * Stops for good, after the segment under way.
   *
   * @returns False when that took longer than `patienceMs`. It goes on until its statement ends or fails.
   */
  stop(patienceMs?: number): Promise<boolean>;
}

export interface WriterOptions extends StoreOptions {
  log: Log;
  onError?: (error: unknown, segment: Segment) => void;
}

/** A segment is sealed this long after its first row … */
const SEAL_AFTER_MS = 500;
/** … or this long when it is nearly empty: a block of few rows costs the database as much as a full one. */
const SEAL_FEW_AFTER_MS = 1_500;
const FEW_ROWS = 100;
const LOOK_EVERY_MS = 50;
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;

export function createWriter(options: WriterOptions): Writer {
  const { log, now = Date.now } = options;
  let stopped = false;
  let paused = false;
  let isDraining = false;
  let wake = () => {};
  let working: Promise<void> | undefined;
  let storing: Promise<void> = Promise.resolve();

  const pauseFor = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function isDue(): boolean {
    const current = log.current();
    if (!current) return false;
    const age = now() - current.since;
    // Less than nothing: the clock was put back, and nobody knows how long ago that row came.
    return isDraining || age < 0 || age >= (current.rows < FEW_ROWS ? SEAL_FEW_AFTER_MS : SEAL_AFTER_MS);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped) {
      if (!paused && !log.oldest() && isDue()) await log.seal();
      const segment = paused ? undefined : log.oldest();
      if (!segment) {
        await pauseFor(LOOK_EVERY_MS);
        continue;
      }
      try {
        storing = storeSegment(segment, options);
        await storing;
        failures = 0;
      } catch (error) {
        options.onError?.(error, segment);
        failures += 1;
        await pauseFor(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10)));
      }
    }
  }

  return {
    start() {
      working ??= run();
    },
    async drain(deadlineMs) {
      // Not the time of day: a clock that is put back would make the wait as much longer.
      const deadline = performance.now() + deadlineMs;
      // What comes meanwhile is not waited for: on a busy collector the log is never empty. What waits already may have come
      // by a clock that was ahead.
      const begun = Math.max(now(), log.since() ?? 0, log.current()?.since ?? 0);
      const isLeft = () => (log.since() ?? Number.POSITIVE_INFINITY) <= begun;
      isDraining = true;
      wake();
      while (isLeft() && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      isDraining = false;
      if (isLeft()) return false;
      await storing.catch(() => undefined); // The last segment left the log; its plan may still be on its way out.
      return true;
    },
    async pause() {
      paused = true;
      await storing.catch(() => undefined); // The loop reports it; here it only has to have ended.
    },
    resume() {
      paused = false;
      wake();
    },
    async stop(patienceMs) {
      stopped = true;
      wake();
      const ended = Promise.resolve(working).then(() => true);
      if (patienceMs === undefined) return ended;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, patienceMs, false);
      });
      return Promise.race([ended, late]).finally(() => clearTimeout(timer));
    },
  };
}
