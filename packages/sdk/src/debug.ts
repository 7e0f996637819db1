/**
 * What the SDK says in the console: nothing, unless debug is on or a developer has to act.
 *
 * The core knows facts only: a word, and what it is about. The words for people, the panel and the checks
 * of what a developer passes are in `debug/`, which is loaded when debug is on: production never carries them.
 *
 * It is also where exceptions end. The page that hosts us never sees one of ours.
 */
import type { Settings } from './options.ts';
import { quietly } from './quietly.ts';

/** Takes a fact: a word, and what it is about. */
export type Tell = (fact: unknown, ...about: unknown[]) => void;

/** Loads `debug/panel.ts`, a file or chunk of its own, and opens the panel. */
export type OpenPanel = (settings: Settings) => Promise<Tell>;

/** See {@link createLog}. */
export interface Log {
  /** Tells the debug panel a fact; nothing happens unless debug is on. */
  debug: Tell;
  /** Says once per page what a developer has to repair, debug or not. */
  warnOnce(message: string): void;
  /** Wraps a function that the page calls: what goes wrong inside stays inside. */
  guard<Args extends unknown[], Result>(
    work: (...args: Args) => Result,
  ): (...args: Args) => Result | undefined;
}

/** Makes a {@link Log}. `panel` comes when debug is on, and then hears all facts from the first. */
export function createLog(panel?: Promise<Tell>): Log {
  const said = new Set<string>();
  const warnOnce = (message: string) => {
    if (said.has(message)) return;
    said.add(message);
    quietly(() => console.warn(`[turnout] ${message}`));
  };
  const debug: Tell = (...fact) =>
    // What is told before the panel came waits with its promise, in order.
    void panel?.then(
      (tell) => quietly(() => tell(...fact)),
      () => {}, // The browser says itself what it could not load, and why.
    );
  debug('started');
  return {
    debug,
    warnOnce,
    guard:
      (work) =>
      (...args) => {
        try {
          return work(...args);
        } catch (error) {
          debug('caught', error);
          return undefined;
        }
      },
  };
}
