/**
 * What the SDK says in the console: nothing, unless debug is on or a developer has to act.
 *
 * It is also where exceptions end. The page that hosts us never sees one of ours.
 */
import { quietly } from './quietly.ts';

/** See {@link createLog}. */
export interface Log {
  /** Narrates the life of an interaction; silent unless debug is on. */
  debug(message: unknown, ...facts: unknown[]): void;
  /** Says once per page what a developer has to repair, debug or not. */
  warnOnce(message: string): void;
  /** Wraps a function that the page calls: what goes wrong inside stays inside. */
  guard<Args extends unknown[], Result>(
    work: (...args: Args) => Result,
  ): (...args: Args) => Result | undefined;
}

const PREFIX = '[turnout]';

/** Makes a {@link Log}. */
export function createLog(isOn: boolean): Log {
  const said = new Set<string>();
  const debug = (message: unknown, ...facts: unknown[]) => {
    if (isOn) quietly(() => console.debug(`${PREFIX} ${message}`, ...facts));
  };
  return {
    debug,
    warnOnce(message) {
      if (said.has(message)) return;
      said.add(message);
      quietly(() => console.warn(`${PREFIX} ${message}`));
    },
    guard:
      (work) =>
      (...args) => {
        try {
          return work(...args);
        } catch (error) {
          debug('caught its own error', error);
          return undefined;
        }
      },
  };
}
