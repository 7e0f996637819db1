import { type Interaction, MAX_ID_LENGTH } from '@turnout/schema/wire';
import {
  type DecorateTicketLink,
  type TicketLinkOptions,
  ticketLinkDecorator,
} from './decorate-ticket-link.ts';
import { isText } from './is-text.ts';
import { toText } from './loose.ts';
import { quietly } from './quietly.ts';

/** How long an interaction waits for company, unless told otherwise. */
export const FLUSH_AFTER_MS = 5_000;

/** Whether the visitor agreed to be measured; `pending` means that they were not asked yet. */
export type Consent = 'granted' | 'denied' | 'pending';

/** What {@link createTracker} is told. */
export interface TrackerOptions {
  /** The write key of your site, such as `wk_demo`. It is public: it can only write. */
  key: string;
  /**
   * The address of your collector: an absolute http(s) URL, or a path on your own origin such as `/t`.
   * @defaultValue The origin of the page.
   */
  endpoint?: string;
  /** Where this runs. Rollups count `production` only, which is also what a missing `env` means. */
  env?: string;
  /**
   * What is known when the page starts. `pending` keeps interactions in memory until
   * `tracker.consent.grant()`; `denied` records nothing and deletes what was stored. A decision stored
   * by an earlier visit counts too, and a refusal from either side wins.
   * @defaultValue `'granted'`
   */
  consent?: Consent;
  /** The signed-in person, as your own system knows them. The same as calling `identify` at once. */
  userId?: string;
  /**
   * Records a `page_view` when the page opens and at each change of its address.
   * @defaultValue `true`
   */
  pageViews?: boolean;
  /**
   * How long an interaction may wait for others before it is sent. Purchases and ticket clicks wait a second at most.
   * @defaultValue `5000`
   */
  flushAfterMs?: number;
  /**
   * Keeps nothing in the browser: no ids, no queue. The collector tells people apart by a hash whose salt
   * changes every day. What cannot be sent before the page goes is lost.
   * @defaultValue `false`
   */
  cookieless?: boolean;
  /**
   * A domain whose subdomains share their visitors, such as `example.com`: ids live in cookies of that domain.
   * @defaultValue Ids live in the storage of one origin.
   */
  cookieDomain?: string;
  /**
   * Takes the browser's Do Not Track for a refusal. Global Privacy Control always is one.
   * @defaultValue `false`
   */
  respectDnt?: boolean;
  /**
   * More hosts of your own, such as `['checkout.example.com']`: links to them do not lead elsewhere. A click on
   * a link to any other host is recorded as `outbound`.
   */
  ownHosts?: readonly string[];
  /**
   * Puts `utm_*` and a click id on ticket links to other origins while they are followed, where the visitor agreed.
   * The same id is in `props.click_id` of the `ticket_click`: a shop that hands it back with the order ties the sale
   * to its click. A link that has utm of its own keeps it, and so does one that has an id.
   * @defaultValue Links stay as they are.
   * @example
   * createTracker({ key: 'wk_demo', decorateTicketLinks: { source: 'my-venue', campaign: 'spring' } });
   */
  decorateTicketLinks?: TicketLinkOptions;
  /** Parameters of addresses that are recorded beside those of campaigns, such as `['page', 'genre']`. */
  keepParameters?: readonly string[];
  /**
   * Takes what looks like an e-mail address or a phone number out of props, queries, titles and addresses.
   * @defaultValue `true`
   */
  scrub?: boolean;
  /**
   * The share of interactions to record, by type or custom name, such as `{ scroll: 0.2 }`. What is recorded
   * carries its `sample_rate` in `props`, so that numbers can be scaled up again.
   */
  sample?: Readonly<Record<string, number>>;
  /**
   * Sees each interaction, in the words of the wire, before it is stored. Returns it, changed or not, or null
   * to drop it. What it throws on is dropped too: it may be there to protect somebody.
   */
  beforeSend?: (interaction: Interaction) => Interaction | null;
  /**
   * Opens a panel that shows what is recorded, sent and rejected, tells it in the console too, and checks what
   * you pass. `?turnout_debug` in the address does the same. Its code is loaded only then.
   * @defaultValue `false`
   */
  debug?: boolean | DebugOptions;
}

/** What debug mode is told. */
export interface DebugOptions {
  /**
   * Brings the site's catalogue, which `track` is then held against. `import()` keeps it, and the library of
   * its schemas, away from visitors.
   * @example
   * createTracker({ key: 'wk_demo', debug: import.meta.env.DEV && { catalog: () => import('./catalog.ts') } });
   */
  catalog?: () => Promise<{ catalog: object }>;
}

/** Options after the check, defaults filled in. */
export interface Settings {
  key: string;
  /** Without a trailing slash; empty on a server, where nothing is sent. */
  endpoint: string;
  env: string | undefined;
  /** `undefined` when the developer said nothing: the visitor was never asked. */
  consent: Consent | undefined;
  userId: string | undefined;
  pageViews: boolean;
  flushAfterMs: number;
  cookieless: boolean;
  cookieDomain: string | undefined;
  respectDnt: boolean;
  ownHosts: readonly string[];
  decorateTicketLink?: DecorateTicketLink | undefined;
  keepParameters: readonly string[];
  scrub: boolean;
  sample: Readonly<Record<string, number>>;
  beforeSend: ((interaction: Interaction) => Interaction | null) | undefined;
  debug: boolean | DebugOptions;
}

/** Checks what the developer passed in, once. Throws a `TypeError` that says what to write instead. */
export function readOptions(options: TrackerOptions): Settings {
  const {
    key,
    endpoint,
    env,
    consent,
    pageViews = true,
    flushAfterMs = FLUSH_AFTER_MS,
    cookieDomain,
    ownHosts = [],
    decorateTicketLinks: links,
    keepParameters = [],
    sample = {},
    beforeSend,
  } = options ?? {};
  // A database has numbers, and null where nobody is signed in.
  const userId = toText(options?.userId ?? undefined);
  if (!isText(key, MAX_ID_LENGTH)) {
    fail('key', key, "Pass the write key of your site, such as 'wk_demo'");
  }
  if (consent !== undefined && !['granted', 'denied', 'pending'].includes(consent)) {
    fail('consent', consent, "Pass 'granted', 'denied' or 'pending'");
  }
  for (const [name, value, length] of [
    ['env', env, 50],
    ['userId', userId, MAX_ID_LENGTH],
  ] as const) {
    if (value !== undefined && !isText(value, length)) {
      fail(name, value, `Pass a text of at most ${length} characters, or leave it out`);
    }
  }
  if (typeof flushAfterMs !== 'number' || !(flushAfterMs >= 0 && flushAfterMs <= 600_000)) {
    fail('flushAfterMs', flushAfterMs, 'Pass milliseconds from 0 to 600000, such as 5000');
  }
  if (cookieDomain !== undefined && !/^\.?[\w-]+(\.[\w-]+)+$/.test(cookieDomain)) {
    fail(
      'cookieDomain',
      cookieDomain,
      'Pass a domain of yours, such as "example.com", without scheme and path',
    );
  }
  if (!Array.isArray(keepParameters)) {
    fail('keepParameters', keepParameters, "Pass a list of names, such as ['page', 'genre']");
  }
  if (!Array.isArray(ownHosts)) {
    fail('ownHosts', ownHosts, "Pass a list of hosts, such as ['checkout.example.com']");
  }
  for (const name of links === undefined
    ? []
    : (['source', 'medium', 'campaign', 'clickIdParameter'] as const)) {
    const value = links?.[name];
    if (value === undefined ? name === 'source' : !isText(value, MAX_ID_LENGTH)) {
      fail(`decorateTicketLinks.${name}`, value, "Pass a text, such as { source: 'my-venue' }");
    }
  }
  for (const [type, rate] of Object.entries(sample)) {
    if (!(rate >= 0 && rate <= 1)) fail(`sample.${type}`, rate, 'Pass a share from 0 to 1, such as 0.2');
  }
  if (beforeSend !== undefined && typeof beforeSend !== 'function') {
    fail('beforeSend', beforeSend, 'Pass a function that returns the interaction, or null to drop it');
  }
  const page = typeof location === 'undefined' ? undefined : location;
  return {
    key,
    endpoint: readEndpoint(endpoint ?? page?.origin, endpoint !== undefined || page !== undefined),
    env,
    consent,
    userId,
    pageViews: pageViews !== false,
    flushAfterMs,
    cookieless: options.cookieless === true,
    cookieDomain,
    respectDnt: options.respectDnt === true,
    ownHosts,
    decorateTicketLink: links && ticketLinkDecorator(links),
    keepParameters,
    scrub: options.scrub !== false,
    sample,
    beforeSend,
    debug: options.debug ?? /[?&]turnout_debug\b/.test(page?.search ?? ''),
  };
}

/** A path is one of the page's own origin, whatever its `<base>` says. A frame without an address has its parent's. */
export const toEndpoint = (address: string): string =>
  quietly(() => new URL(address, location.href).href, address).replace(/\/+$/, '');

function readEndpoint(endpoint: unknown, isNeeded: boolean): string {
  if (!isNeeded) return '';
  const isAddress = typeof endpoint === 'string' && /^(https?:\/\/[^/\s]|\/(?!\/))/.test(endpoint);
  if (isAddress) return toEndpoint(endpoint);
  fail(
    'endpoint',
    endpoint,
    'Pass the address of your collector, such as "https://stats.example.com", or a path on your own origin, such as "/t"',
  );
}

function fail(name: string, value: unknown, advice: string): never {
  throw new TypeError(
    `createTracker: "${name}" cannot be ${typeof value === 'string' ? JSON.stringify(value) : String(value)}. ${advice}.`,
  );
}
