import { listen } from './listen.ts';

/** One function that calls all of them. */
export const all = (stops: readonly (() => void)[]) => (): void => {
  for (const stop of stops) stop();
};

/**
 * Hears an event before anybody in the page can stop it. Passive: nothing here prevents or delays it.
 *
 * On the window, where the way down begins: also what does not bubble (`play`) passes here, and what is
 * recorded on `pagehide` is there before the tracker sends for the last time. Does nothing on a server.
 *
 * @param types - Names of events, separated by blanks.
 * @returns A function that stops listening.
 */
export function capture<Heard extends Event>(types: string, work: (event: Heard) => void): () => void {
  // Not `window`, a name that throws on a server; `listen` bears that nobody tells events there.
  const page = globalThis as EventTarget & typeof globalThis;
  return all(types.split(' ').map((type) => listen(page, type, work, { capture: true, passive: true })));
}

/** Calls `work` each time the page goes out of sight: it may never come back, and nothing else tells so. */
export const whenLeaving = (work: () => void): (() => void) =>
  capture('pagehide visibilitychange', ({ type }) => {
    if (type === 'pagehide' || document.visibilityState === 'hidden') work();
  });
