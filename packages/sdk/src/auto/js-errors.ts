/**
 * JavaScript errors: that there were some, and how many. Messages and stacks may carry anything, so they
 * are not even looked at.
 */
import { all, listen, whenLeaving } from '../listen.ts';
import type { Tracker } from '../tracker.ts';

/**
 * Counts uncaught errors and unhandled rejections. What came since the last time is one `js_error` when
 * the page is left or goes out of sight, or when you stop it.
 *
 * @returns A function that records and stops.
 * @example
 * const stop = jsErrors(tracker);
 */
export function jsErrors(tracker: Pick<Tracker, 'track'>): () => void {
  let count = 0;
  let kinds: Record<string, number> = {};
  const record = () => {
    if (count) tracker.track('custom', { name: 'js_error', props: { count, kinds } });
    count = 0;
    kinds = {};
  };
  return all([
    record,
    listen('error unhandledrejection', ({ type, target }) => {
      // An image that does not load is no error of a script: it tells its element, not the window.
      if (target !== window) return;
      count++;
      kinds[type] = (kinds[type] ?? 0) + 1;
    }),
    whenLeaving(record),
  ]);
}
