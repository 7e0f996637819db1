/**
 * One HTTP attempt, and what it came to.
 *
 * Never rejects. Bodies are text/plain, which crosses origins without a preflight, also as the page goes.
 */
import { type Answer, INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import { now } from './clock.ts';
import { within } from './later.ts';
import type { Settings } from './options.ts';
import { quietly } from './quietly.ts';

/** What one attempt came to. */
export type Outcome =
  /** On the collector's disk. */
  | { kind: 'delivered'; answer: Answer }
  /** Later, perhaps not before `afterMs`. */
  | { kind: 'retry'; why: string; afterMs?: number | undefined }
  /** Too large: in smaller batches. */
  | { kind: 'split' }
  /** The collector will never take this batch. */
  | { kind: 'rejected'; why: string }
  /** The collector takes nothing from this key or origin. */
  | { kind: 'stopped'; why: string };

/** All keepalive requests and beacons of a page share 64 KiB; we leave a little to the page. */
const KEEPALIVE_BUDGET_BYTES = 60_000;
/** A request that hangs would keep other tabs from sending. */
const TIMEOUT_MS = 30_000;
/** Longer waits than this are taken for a mistake. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

let bytesInFlight = 0;

/** What is sent: see {@link FrozenBatch}. */
export interface Sendable {
  body: string;
  bytes: number;
  attempt: number;
}

/** True when a request of this size would survive the end of the page. */
export function fitsKeepalive({ bytes }: Pick<Sendable, 'bytes'>): boolean {
  const isThere = quietly(() => 'keepalive' in Request.prototype, false);
  return isThere && bytesInFlight + bytes <= KEEPALIVE_BUDGET_BYTES;
}

/** Sends a batch and says what came of it. */
export async function send(settings: Settings, batch: Sendable): Promise<Outcome> {
  // All keepalive requests of a page share 64 KiB (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch);
  // one byte over and the request fails. Over our share we send without keepalive: leaving the page may
  // cut that off, but the queue still holds the batch. Bytes, not `length`: text is UTF-8.
  const keepalive = fitsKeepalive(batch);
  if (keepalive) bytesInFlight += batch.bytes;
  try {
    // Aborting frees the connection; not every browser can, and a page's own `fetch` need not hear of it.
    return await within(TIMEOUT_MS, post(address(settings, batch), batch, keepalive));
  } catch (error) {
    // Offline, blocked, cut off, too slow: nobody knows whether it arrived. `navigator.onLine` is not asked,
    // because it knows about the cable only.
    return { kind: 'retry', why: String(error) };
  } finally {
    if (keepalive) bytesInFlight -= batch.bytes;
  }
}

async function post(url: string, batch: Sendable, keepalive: boolean): Promise<Outcome> {
  const response = await fetch(url, {
    method: 'POST',
    body: batch.body,
    headers: { 'content-type': 'text/plain' },
    credentials: 'omit',
    keepalive,
    signal: quietly(() => AbortSignal.timeout(TIMEOUT_MS)) ?? null,
  });
  return judge(response.status, await response.text(), response.headers.get('retry-after'));
}

/** Sends a batch that nobody waits for. It is no proof of delivery: the queue keeps the batch. */
export function sendBeacon(settings: Settings, batch: Sendable): boolean {
  return quietly(() => navigator.sendBeacon(address(settings, batch), batch.body), false);
}

function address({ endpoint, key }: Settings, { attempt }: Sendable): string {
  const query = new URLSearchParams({
    [QUERY.key]: key,
    [QUERY.attempt]: String(attempt),
    [QUERY.sentAt]: String(now()),
  });
  return `${endpoint}${INTERACTIONS_PATH}?${query}`;
}

function judge(status: number, text: string, retryAfter: string | null): Outcome {
  if (status === 202) {
    const answer = parseAnswer(text);
    if (answer) return { kind: 'delivered', answer };
  }
  const why = `${status} ${text.slice(0, 200)}`.trim();
  if (status === 413) return { kind: 'split' };
  if (status === 401 || status === 403) return { kind: 'stopped', why };
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return { kind: 'rejected', why };
  // 5xx, and any success that is not ours: captive portals answer 200 to everything.
  return { kind: 'retry', why, afterMs: parseRetryAfter(retryAfter) };
}

function parseAnswer(text: string): Answer | undefined {
  const answer = quietly(() => JSON.parse(text));
  // Not our collector's words, so no proof that anything is stored.
  if (typeof answer?.accepted !== 'number') return;
  return { accepted: answer.accepted, rejected: Array.isArray(answer.rejected) ? answer.rejected : [] };
}

/** Seconds, or a date. */
function parseRetryAfter(text: string | null): number | undefined {
  if (!text) return;
  const seconds = Number(text);
  const ms = seconds >= 0 ? seconds * 1_000 : Date.parse(text) - now();
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
