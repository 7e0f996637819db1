/**
 * One HTTP attempt, and what came back.
 *
 * Never rejects. Bodies are text, which browsers send as text/plain: that crosses origins without a preflight, also as the page goes.
 */
import { INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import type { Entry } from './batch.ts';
import { now } from './clock.ts';
import { within } from './later.ts';
import type { Settings } from './options.ts';
import { quietly } from './quietly.ts';

/** What one attempt came to. Status 0: nobody knows whether it arrived. */
export interface Outcome {
  status: number;
  text: string;
  /** The header `Retry-After`. */
  retryAfter?: string | null;
}

/** All keepalive requests and beacons of a page share 64 KiB; we leave a little to the page. */
const KEEPALIVE_BUDGET_BYTES = 60_000;
/** A request that hangs would keep other tabs from sending. */
const TIMEOUT_MS = 30_000;

let bytesInFlight = 0;

/** True when a request of this size would survive the end of the page. */
export const fitsKeepalive = ({ bytes }: Entry): boolean =>
  quietly(() => 'keepalive' in Request.prototype, false) && bytesInFlight + bytes <= KEEPALIVE_BUDGET_BYTES;

/** Sends a batch and says what came of it. `controller` calls it off. */
export async function send(settings: Settings, batch: Entry, controller?: AbortController): Promise<Outcome> {
  // All keepalive requests of a page share 64 KiB (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch);
  // one byte over and the request fails. Over our share we send without keepalive: leaving the page may
  // cut that off, but the queue still holds the batch. Bytes, not `length`: text is UTF-8.
  const keepalive = fitsKeepalive(batch);
  const bytes = keepalive ? batch.bytes : 0;
  bytesInFlight += bytes;
  const attempt = async () => {
    const response = await fetch(address(settings, batch), {
      method: 'POST',
      body: batch.body,
      credentials: 'omit',
      keepalive,
      // Not every browser can, and a page's own `fetch` need not hear of it.
      signal: controller?.signal,
    });
    const { status, headers } = response;
    return { status, text: await response.text(), retryAfter: headers.get('retry-after') };
  };
  try {
    return await within(TIMEOUT_MS, attempt());
  } catch (error) {
    // Offline, blocked, cut off, too slow. `navigator.onLine` is not asked: it knows about the cable only.
    return { status: 0, text: String(error) };
  } finally {
    bytesInFlight -= bytes;
    // What took too long frees its connection.
    controller?.abort();
  }
}

/** Sends a batch that nobody waits for. It is no proof of delivery: the queue keeps the batch. */
export const sendBeacon = (settings: Settings, batch: Entry): void => {
  quietly(() => navigator.sendBeacon(address(settings, batch), batch.body));
};

const address = ({ endpoint, key }: Settings, { attempt }: Entry): string =>
  `${endpoint}${INTERACTIONS_PATH}?${new URLSearchParams({
    [QUERY.key]: key,
    [QUERY.attempt]: `${attempt}`,
    [QUERY.sentAt]: `${now()}`,
    ...(quietly(() => navigator.webdriver) && { [QUERY.automated]: '1' }),
  })}`;
