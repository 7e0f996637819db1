/** So many wait already that one more would wait for nothing. */
export class TooMany extends Error {}

interface Waiting {
  who: string;
  signal: AbortSignal | undefined;
  begin(): void;
  leave(reason: unknown): void;
}

export type TakeTurn = <Result>(
  who: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>;

/**
 * Does some things at once and the others after them, but one thing at a time for each who asks. Those who wait take turns:
 * whoever asks for little does not wait for all that others asked before.
 *
 * @throws TooMany, or the reason of the signal of whoever hung up while they waited.
 */
export function createTurns(limits: {
  atOnce: number;
  maxWaiting: number;
  maxWaitingEach: number;
}): TakeTurn {
  const running = new Set<string>();
  let waiting: Waiting[] = [];

  return async (who, work, signal) => {
    signal?.throwIfAborted();
    if (running.size >= limits.atOnce || running.has(who)) {
      dismiss();
      refuseTooMany(who);
      await new Promise<void>((begin, leave) => waiting.push({ who, signal, begin, leave }));
    } else running.add(who);
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      running.delete(who);
      beginNext();
    }
  };

  /** Whoever is next takes the place over at once, so that nobody who comes now gets in between. */
  function beginNext(): void {
    const next = waiting.find(({ who }) => !running.has(who));
    if (next === undefined) return;
    const others = waiting.filter(({ who }) => who !== next.who);
    waiting = [...others, ...waiting.filter((it) => it.who === next.who && it !== next)];
    running.add(next.who);
    next.begin();
  }

  /** Who hung up holds no place in the line. */
  function dismiss(): void {
    for (const { signal, leave } of waiting) if (signal?.aborted) leave(signal.reason);
    waiting = waiting.filter(({ signal }) => !signal?.aborted);
  }

  function refuseTooMany(who: string): void {
    const own = waiting.filter((it) => it.who === who).length;
    if (waiting.length >= limits.maxWaiting || own >= limits.maxWaitingEach)
      throw new TooMany(`${waiting.length} wait already, ${own} of them for the same.`);
  }
}
