import type { Tracker } from './tracker.ts';

/** A tracker, and what it was told. */
export interface Known {
  tracker: Tracker;
  /** Nothing where it came with the script tag. */
  settings?: string | undefined;
  hasWarned?: boolean;
}

const NAME = Symbol.for('turnout');

/**
 * The trackers of this page by their keys, also those of another copy of this code: in another bundle, or the script
 * tag beside it. Two of one key would count everything twice.
 */
export const trackers = (): Map<string, Known> => {
  const scope = window as { [NAME]?: Map<string, Known> };
  scope[NAME] ??= new Map();
  return scope[NAME];
};
