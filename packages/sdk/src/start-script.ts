/**
 * The script tag: reads its own data attributes, answers the calls made before it came, sets `turnout`.
 */
import { observeAttributes } from './auto/attributes.ts';
import { type Consent, FLUSH_AFTER_MS, type Settings } from './options.ts';
import { quietly } from './quietly.ts';
import { startTracker, type Tracker } from './tracker.ts';

type Command = [name: string, ...args: unknown[]];

/** The global of the script tag: `turnout('track', 'ticket_click', { … })`. */
interface Turnout {
  (...command: Command): unknown;
  /** Commands given before the script came. */
  q?: Iterable<Command>;
  /** Options that are no texts, such as `{ beforeSend }`; set before the script comes. */
  options?: Partial<Settings>;
  /** The tracker itself, for whatever is no command. */
  tracker?: Tracker;
}

const words = (list = '') => list.split(/[\s,]+/).filter(Boolean);
const CONSENTS = ['granted', 'denied', 'pending'];
const scope = window as { turnout?: Turnout };

/** What a larger script adds: commands by name, beside the methods of the tracker. */
export type Extend = (tracker: Tracker, script: HTMLScriptElement) => Record<string, unknown>;

/** Starts what the script tag says, once. */
export function startScript(extend: Extend = () => ({})): void {
  const script = (document.currentScript ??
    document.querySelector('script[data-key]')) as HTMLScriptElement | null;
  // A second tag, from a template included twice, changes nothing.
  if (script && !scope.turnout?.tracker) quietly(() => start(script, extend));
}

function start(script: HTMLScriptElement, extend: Extend): void {
  const {
    key,
    endpoint,
    env,
    consent,
    userId,
    debug,
    pageViews,
    cookieless,
    cookieDomain,
    respectDnt,
    ownHosts,
    keepParameters,
  } = script.dataset;
  if (!key) {
    console.error('[turnout] The script tag needs data-key, your write key.');
    return;
  }
  const { src } = script;
  const settings: Settings = {
    key,
    // The collector serves the script, so what serves the script is the collector.
    endpoint: endpoint?.replace(/\/+$/, '') ?? new URL(src, location.href).origin,
    env,
    // A misspelt consent must not become an agreement.
    consent: (!consent || CONSENTS.includes(consent) ? consent : 'pending') as Consent | undefined,
    userId,
    pageViews: pageViews !== 'false',
    flushAfterMs: FLUSH_AFTER_MS,
    cookieless: cookieless !== undefined,
    cookieDomain,
    respectDnt: respectDnt !== undefined,
    ownHosts: words(ownHosts),
    keepParameters: words(keepParameters),
    scrub: true,
    sample: {},
    beforeSend: undefined,
    ...scope.turnout?.options,
    debug: debug !== undefined || /[?&]turnout_debug\b/.test(location.search) || /[?&]check\b/.test(src),
  };
  const tracker = startTracker(settings, async () => {
    // Built, this is `t-debug.js` beside this script: see `rollup.config.mjs`.
    const { openPanel } = await import('./debug/panel.ts');
    return openPanel(settings, src);
  });
  const commands: Record<string, unknown> = { ...tracker, ...quietly(() => extend(tracker, script)) };
  const obey: Turnout = (name, ...args) => {
    if (name === 'consent') {
      if (args[0] === 'granted') tracker.consent.grant();
      if (args[0] === 'denied') tracker.consent.deny();
      return tracker.consent.status();
    }
    const method = commands[name];
    if (typeof method === 'function') return method(...args);
    console.warn(`[turnout] turnout('${name}') is no command. Use 'track', 'identify', 'consent' …`);
  };
  const turnout: Turnout = (...command) => quietly(() => obey(...command));
  const waiting = scope.turnout?.q ?? [];
  turnout.tracker = tracker;
  scope.turnout = turnout;
  observeAttributes(tracker);
  for (const command of waiting) turnout(...command);
}
