/**
 * What the app needs of its surroundings: the log of a server, or the queue of an edge runtime.
 */
import type { Limits } from './admission.ts';
import type { Caps } from './caps.ts';
import type { RecordKeys } from './doors/server/record-keys.ts';
import type { Learning } from './facts.ts';
import type { Intake } from './intake.ts';
import type { BatchHead } from './judge.ts';
import type { Stamp } from './knowledge.ts';
import type { Pace } from './pace.ts';
import type { Recorded } from './privacy/tombstones.ts';
import type { Reader } from './query/reader.ts';
import type { Site } from './sites.ts';
import type { WarningCode } from './warnings.ts';

/** A file of the script tag. */
export interface Script {
  /** Its address tells its version: it never changes. */
  isImmutable?: boolean;
  body: string;
  /** The same, compressed beforehand; without it, the network before the collector does that. */
  packed?: Record<'br' | 'gzip', Uint8Array<ArrayBuffer>>;
  etag: string;
}

/** What the app counts. */
export interface CollectorMetrics {
  accepted(site: string, interactions: number): void;
  duplicates(site: string, interactions: number): void;
  rejected(code: string, interactions: number): void;
  warned(code: WarningCode, times: number): void;
  /** Interactions that browsers say they dropped before they could be sent. */
  dropped(site: string, interactions: number): void;
  /** A request that met a limit. */
  limited?(code: string): void;
  /** A view that was read over HTTP, and how long the database took, with its turn. */
  asked?(view: string, seconds: number): void;
}

/** Whether batches are taken and reach the database, and what is missing if not. */
export interface Readiness {
  ready: boolean;
  /** What was looked at: `ok`, or what is wrong and what to do. */
  checks: Record<string, string>;
}

export interface CollectorDependencies {
  /** Read for each request: a sites file may be loaded again at any time. */
  sites(): readonly Site[];
  /**
   * The site that a server may report about, by its Authorization header and `?site=`; by secret keys alone when
   * left out. Throws a Problem for anyone else.
   */
  authorize?(header: string | undefined, site: string | undefined): Site;
  intake: Intake;
  /** The pseudonym of a visitor, as decimal text of a UInt64. `idDay` and `address` matter only without cookies. */
  userKey(
    site: Site,
    batch: BatchHead,
    who: { idDay: string; address: string; userAgent: string },
  ): Promise<string>;
  /** The network address of the sender: used for that pseudonym, for limits and for the place; never stored. */
  addressOf(request: Request, env: unknown): string;
  /** Where the sender is, when the operator trusts a header that says so, or has a file of networks. */
  placeOf?(headers: Headers, address: string): Pick<Stamp, 'city' | 'country'>;
  /** How much keys and addresses may send; without it nothing is limited. */
  limits?: Limits;
  /** What is known of people and events; without it nothing is stamped and nothing is learned. */
  learning?: Learning;
  /** True for what was recorded of a person before they were erased: it is refused, and nothing of it is kept. */
  isErased?(siteId: string, userKey: string, recorded: Recorded): boolean;
  /** Tells programs from people by their speed; without it nobody is told apart by that. */
  pace?: Pace;
  /** Reads the views for dashboards and back ends; without it there is no `/v1/query`. */
  reader?: Reader;
  /** Which record each key of a back end stands for; a memory of its own when left out. */
  recordKeys?: RecordKeys;
  /** Bounds how many different values a site has; without it nothing is bounded. */
  caps?: Pick<Caps, 'apply'>;
  metrics: CollectorMetrics;
  /** A file of the script tag, such as `t.js`; undefined for any other name. */
  script(name: string): Promise<Script | undefined>;
  readiness(): Promise<Readiness>;
  /** Whether the sender came by https, as far as it can be trusted; without it nobody is told to stay there. */
  isHttps?(request: Request): boolean;
  /** Whether a request may read the figures; without it nobody may. */
  mayReadMetrics?(request: Request, env: unknown): boolean;
  /** Prometheus text. */
  renderMetrics(): Promise<string>;
  log: { warn(details: object, message: string): void; error(details: object, message: string): void };
  now?: () => number;
}
