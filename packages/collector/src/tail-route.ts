import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { Problem } from './problem.ts';
import { MOST_WATCHERS, type Tail } from './tail.ts';

/** So many lines wait for a watcher that reads slowly; the rest is missed. */
const MOST_WAITING = 1_000;
const PULSE_MS = 15_000;

/**
 * Answers with what arrives, a line of JSON each, until the watcher leaves or the collector stops.
 *
 * @throws Problem 503 when enough watch already.
 */
export function streamTail(c: Context, tail: Tail): Response {
  let show: (line: string) => boolean = () => false;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const leave = tail.watch((line) => show(line), end);
  if (!leave)
    throw new Problem(503, 'watched', `${MOST_WATCHERS} watch already. Ask again when one has left.`, 10);
  return stream(c, async (out) => {
    out.onAbort(end);
    let waiting = 0;
    show = (line) => {
      if (waiting >= MOST_WAITING) return false;
      waiting += 1;
      void out.writeln(line).finally(() => {
        waiting -= 1;
      });
      return true;
    };
    // At once: whoever asked knows that it is being told.
    show('{}');
    const pulse = setInterval(() => show('{}'), PULSE_MS);
    await ended;
    clearInterval(pulse);
    leave();
  });
}
