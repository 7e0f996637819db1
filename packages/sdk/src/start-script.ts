/**
 * The script tag: reads its own data attributes, answers the calls made before it came, sets `turnout`.
 */
import { observeAttributes } from './auto/attributes.ts';
import { FLUSH_AFTER_MS, type Settings, type TrackerOptions, toEndpoint } from './options.ts';
import { quietly } from './quietly.ts';
import { startTracker, type Tracker } from './tracker.ts';
import { trackers } from './trackers.ts';

type Command = [name: string, ...args: unknown[]];

/** The global of the script tag: `turnout('track', 'ticket_click', { … })`. */
interface Turnout {
  (...command: Command): unknown;
  /** Commands given before the script came; after that, where a stub that somebody kept puts more. */
  q?: Iterable<Command> | { push(command: Command): unknown };
  /** Options that are no texts, such as `{ beforeSend }`; set before the script comes. */
  options?: Partial<Settings> & Pick<TrackerOptions, 'decorateTicketLinks'>;
  /** The tracker itself, for whatever is no command. */
  tracker?: Tracker;
}

const warn = (what: string, known: string) => console.warn(`[turnout] ${what} is unknown: use ${known}`);
const isConsent = (word = 'pending') =>
  /^(granted|denied|pending)$/.test(word) || warn(`consent "${word}"`, "'granted', 'denied' or 'pending'");
const words = (list = '') => list.split(/[\s,]+/).filter(Boolean);
const scope = window as { turnout?: Turnout };

/** What a larger script adds: commands by name, beside the methods of the tracker. */
export type Extend = (tracker: Tracker, script: HTMLScriptElement) => Record<string, unknown>;

/** What a larger script reads from its tag and from `turnout.options`. */
export type SettingsOf = (dataset: DOMStringMap, options?: Turnout['options']) => Partial<Settings>;

/** Starts what the script tag says, once; `settingsOf` reads what only a larger script knows. */
export function startScript(extend: Extend = () => ({}), settingsOf?: SettingsOf): void {
  const script = (document.currentScript ??
    document.querySelector('script[data-key]')) as HTMLScriptElement | null;
  // A second tag, from a template included twice, changes nothing.
  if (script && !scope.turnout?.tracker) quietly(() => start(script, extend, settingsOf));
}

function start(script: HTMLScriptElement, extend: Extend, settingsOf?: SettingsOf): void {
  const { src, dataset } = script;
  const { endpoint, consent } = dataset;
  if (!dataset.key) {
    console.error('[turnout] The script tag needs data-key, your write key.');
    return;
  }
  const has = (name: string) => name in dataset;
  const settings = {
    // What is a text as it stands there: key, env, user, domain of cookies.
    ...dataset,
    // The collector serves the script, so what serves the script is the collector.
    endpoint: toEndpoint(endpoint ?? new URL(src, location.href).origin),
    // A misspelt consent must not become an agreement.
    consent: isConsent(consent) ? consent : 'pending',
    pageViews: dataset.pageViews !== 'false',
    flushAfterMs: FLUSH_AFTER_MS,
    cookieless: has('cookieless'),
    respectDnt: has('respectDnt'),
    ownHosts: words(dataset.ownHosts),
    keepParameters: words(dataset.keepParameters),
    scrub: true,
    sample: {},
    ...settingsOf?.(dataset, scope.turnout?.options),
    ...scope.turnout?.options,
    debug: has('debug') || /[?&]turnout_debug\b/.test(location.search) || /[?&]check\b/.test(src),
  } as Partial<Settings> as Settings;
  const loadPanel = async () => {
    // Built, this is `t-debug.js` beside this script: see `rollup.config.mjs`.
    const { openPanel } = await import('./debug/panel.ts');
    return openPanel(settings, src);
  };
  const all = trackers();
  // The page's own bundle may have one already.
  const known = all.get(settings.key) ?? {
    tracker: startTracker(settings, loadPanel, () => all.delete(settings.key)),
  };
  const { tracker } = known;
  all.set(settings.key, known);
  const commands: Record<string, unknown> = {
    ...tracker,
    ...quietly(() => extend(tracker, script)),
    consent(decision?: string) {
      isConsent(decision);
      if (decision === 'granted') tracker.consent.grant();
      if (decision === 'denied') tracker.consent.deny();
      return tracker.consent.status();
    },
  };
  const turnout: Turnout = (name, ...args) =>
    quietly(() => {
      const method = commands[name];
      if (typeof method === 'function') return method(...args);
      warn(`turnout('${name}')`, "'track', 'identify', 'consent' …");
    });
  const waiting = (scope.turnout?.q ?? []) as Iterable<Command>;
  turnout.q = { push: (command: Command) => turnout(...command) };
  turnout.tracker = tracker;
  scope.turnout = turnout;
  observeAttributes(tracker);
  for (const command of waiting) turnout(...command);
}
