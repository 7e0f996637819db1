/**
 * The npm way in: checks options, finds the tracker that a key already has, does nothing on servers.
 *
 * The script tag starts its tracker without it: its options are attributes.
 */
import { createNoop } from './noop.ts';
import { readOptions, type TrackerOptions } from './options.ts';
import { quietly } from './quietly.ts';
import { startTracker, type Tracker } from './tracker.ts';
import { type Known, trackers } from './trackers.ts';

/** Where the page lets nobody add to its `window`. */
const own = new Map<string, Known>();

/**
 * Creates the tracker of a site, or returns the one that its key already has.
 *
 * On a server it returns a tracker that does nothing.
 *
 * @throws TypeError when an option is wrong. Nothing throws after that.
 * @example
 * export const tracker = createTracker({ key: 'wk_demo', endpoint: 'https://stats.example.com' });
 */
export function createTracker(options: TrackerOptions): Tracker {
  const settings = readOptions(options);
  if (typeof window === 'undefined') return createNoop(settings.consent);
  const all = quietly(trackers, own);
  const known = all.get(settings.key);
  const fingerprint = quietly(() => JSON.stringify(settings));
  if (known) {
    if (known.settings !== fingerprint && !known.hasWarned) {
      known.hasWarned = true;
      quietly(() =>
        console.warn(
          `[turnout] createTracker was called again for "${settings.key}" with other options. ` +
            'The first tracker stays as it is: create it in one module and import it from there.',
        ),
      );
    }
    return known.tracker;
  }
  const tracker = quietly(
    () =>
      startTracker(
        settings,
        async () => (await import('./debug/panel.ts')).openPanel(settings),
        () => all.delete(settings.key),
      ),
    createNoop(settings.consent),
  );
  all.set(settings.key, { tracker, settings: fingerprint });
  return tracker;
}
