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
  /** The tracker itself, for whatever is no command. */
  tracker?: Tracker;
}

const CONSENTS = ['granted', 'denied', 'pending'];
const scope = window as { turnout?: Turnout };

function start(script: HTMLScriptElement): void {
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
    keepParameters: keepParameters?.split(/[\s,]+/) ?? [],
    scrub: true,
    sample: {},
    beforeSend: undefined,
    debug: debug !== undefined || /[?&]turnout_debug\b/.test(location.search) || /[?&]check\b/.test(src),
  };
  const tracker = startTracker(settings, async () => {
    // Built, this is `t-debug.js` beside this script: see `rollup.config.mjs`.
    const { openPanel } = await import('./debug/panel.ts');
    return openPanel(settings, src);
  });
  const obey: Turnout = (name, ...args) => {
    if (name === 'consent') {
      if (args[0] === 'granted') tracker.consent.grant();
      if (args[0] === 'denied') tracker.consent.deny();
      return tracker.consent.status();
    }
    const method = tracker[name as 'track'] as unknown;
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

const script = (document.currentScript ??
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
// A second tag, from a template included twice, changes nothing.
if (script && !scope.turnout?.tracker) quietly(() => start(script));
