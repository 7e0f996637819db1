/**
 * One HTTP attempt, and what it came to.
 *
 * Never rejects. Bodies are text/plain, which crosses origins without a preflight, also as the page goes.
 */
import { type Answer, INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
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
}

/** True when a request of this size would survive the end of the page. */
export function fitsKeepalive({ bytes }: Sendable): boolean {
  return 'keepalive' in Request.prototype && bytesInFlight + bytes <= KEEPALIVE_BUDGET_BYTES;
}

/** Sends a batch and says what came of it. */
export async function send(settings: Settings, batch: Sendable, attempt: number): Promise<Outcome> {
  // All keepalive requests of a page share 64 KiB (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch);
  // one byte over and the request fails. Over our share we send without keepalive: leaving the page may
  // cut that off, but the queue still holds the batch. Bytes, not `length`: text is UTF-8.
  const keepalive = fitsKeepalive(batch);
  if (keepalive) bytesInFlight += batch.bytes;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(address(settings, attempt), {
      method: 'POST',
      body: batch.body,
      headers: { 'content-type': 'text/plain' },
      credentials: 'omit',
      keepalive,
      signal: abort.signal,
    });
    return judge(response.status, await response.text(), response.headers.get('retry-after'));
  } catch (error) {
    // Offline, blocked, cut off, too slow: nobody knows whether it arrived. `navigator.onLine` is not asked,
    // because it knows about the cable only.
    return { kind: 'retry', why: String(error) };
  } finally {
    clearTimeout(timer);
    if (keepalive) bytesInFlight -= batch.bytes;
  }
}

/** Sends a batch that nobody waits for. It is no proof of delivery: the queue keeps the batch. */
export function sendBeacon(settings: Settings, batch: Sendable, attempt: number): boolean {
  return navigator.sendBeacon(address(settings, attempt), batch.body);
}

function address({ endpoint, key }: Settings, attempt: number): string {
  const query = new URLSearchParams({
    [QUERY.key]: key,
    [QUERY.attempt]: String(attempt),
    [QUERY.sentAt]: String(Date.now()),
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
  const answer = quietly(() => JSON.parse(text), undefined);
  // Not our collector's words, so no proof that anything is stored.
  if (typeof answer?.accepted !== 'number') return;
  return { accepted: answer.accepted, rejected: Array.isArray(answer.rejected) ? answer.rejected : [] };
}

/** Seconds, or a date. */
function parseRetryAfter(text: string | null): number | undefined {
  if (!text) return;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
