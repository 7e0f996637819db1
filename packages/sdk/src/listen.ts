import { quietly } from './quietly.ts';

/** One function that calls all of them. */
export const all = (stops: readonly (() => void)[]) => (): void => {
  for (const stop of stops) stop();
};

/**
 * Hears what the browser tells; what `work` throws stays here, and so does what a page's own
 * `addEventListener` throws. Does nothing on a server.
 *
 * Unless told otherwise, it hears on the window before anybody in the page can stop it, also what does not
 * bubble (`play`). Passive: nothing here prevents or delays an event.
 *
 * @param types - Names of events, separated by blanks.
 * @returns A function that stops listening.
 */
export function listen<Heard extends Event>(
  types: string,
  work: (event: Heard) => void,
  // Not `window`, a name that throws on a server.
  target = globalThis as unknown as EventTarget,
  how: AddEventListenerOptions = { capture: true, passive: true },
): () => void {
  const heard = (event: Event) => quietly(() => work(event as Heard));
  return all(
    types.split(' ').map((type) => {
      quietly(() => target.addEventListener(type, heard, how));
      return () => quietly(() => target.removeEventListener(type, heard, how));
    }),
  );
}

/** Calls `work` each time the page goes out of sight: it may never come back, and nothing else tells so. */
export const whenLeaving = (work: () => void): (() => void) =>
  listen('pagehide visibilitychange', ({ type }) => {
    if (type === 'pagehide' || document.visibilityState === 'hidden') work();
  });
