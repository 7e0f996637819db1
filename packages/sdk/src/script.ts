/**
 * The script tag: reads its own data attributes, answers the calls made before it came, sets `turnout`.
 */
import { observeAttributes } from './auto/attributes.ts';
import type { TrackerOptions } from './options.ts';
import { createTracker, type Tracker } from './tracker.ts';

type Command = [name: string, ...args: unknown[]];

/** The global of the script tag: `turnout('track', 'ticket_click', { … })`. */
interface Turnout {
  (...command: Command): unknown;
  /** Commands given before the script came. */
  q?: Iterable<Command>;
  /** The tracker itself, for whatever is no command. */
  tracker?: Tracker;
}

const scope = window as { turnout?: Turnout };

function start(script: HTMLScriptElement): void {
  const { key = '', endpoint, env, consent, userId, debug, pageViews } = script.dataset;
  const tracker = createTracker({
    key,
    // The collector serves the script, so what serves the script is the collector.
    endpoint: endpoint ?? new URL(script.src, location.href).origin,
    ...(env && { env }),
    ...(consent && { consent: consent as NonNullable<TrackerOptions['consent']> }),
    ...(userId && { userId }),
    ...(debug !== undefined && { debug: debug !== 'false' }),
    pageViews: pageViews !== 'false',
  });
  const turnout: Turnout = (name, ...args) => {
    if (name === 'consent') {
      if (args[0] === 'granted') tracker.consent.grant();
      if (args[0] === 'denied') tracker.consent.deny();
      return tracker.consent.status();
    }
    const method = tracker[name as 'track'] as unknown;
    if (typeof method === 'function') return method(...args);
    console.warn(`[turnout] turnout('${name}') is no command. Use 'track', 'identify', 'reset', 'consent' …`);
  };
  const waiting = scope.turnout?.q ?? [];
  turnout.tracker = tracker;
  scope.turnout = turnout;
  observeAttributes(tracker, (problem, element) => {
    if (debug !== undefined) console.debug(`[turnout] ${problem}`, element);
  });
  for (const command of waiting) turnout(...command);
}

const script = (document.currentScript ??
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
// A second tag, from a template included twice, changes nothing.
if (script && !scope.turnout?.tracker) {
  try {
    start(script);
  } catch (error) {
    // Wrong options: the developer reads it in the console, the page goes on.
    console.error(error);
  }
}
