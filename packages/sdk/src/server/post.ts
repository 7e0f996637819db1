/**
 * One HTTP attempt from a server, and what it came to. Never rejects.
 */
import { type Answer, INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import { quietly } from '../quietly.ts';
import type { Frozen } from './freeze.ts';

/** What one attempt came to. */
export type Outcome =
  /** On the collector's disk. */
  | { kind: 'delivered'; answer: Answer }
  /** Later, perhaps not before `afterMs`. */
  | { kind: 'retry'; why: string; afterMs: number }
  /** Too large, perhaps for something in between: in smaller batches. */
  | { kind: 'split'; why: string }
  /** The collector will never take this batch. */
  | { kind: 'refused'; why: string };

const TIMEOUT_MS = 30_000;
/** Who is refused by key or origin asks again after this time: somebody may have repaired it. */
const REFUSED_KEY_AFTER_MS = 60_000;

/** Where batches go. */
export interface Destination {
  endpoint: string;
  key: string;
}

/** Sends a batch once. */
export async function post({ endpoint, key }: Destination, { body, attempt }: Frozen): Promise<Outcome> {
  const query = new URLSearchParams({
    [QUERY.key]: key,
    [QUERY.attempt]: String(attempt),
    [QUERY.sentAt]: String(Date.now()),
  });
  try {
    const response = await fetch(`${endpoint}${INTERACTIONS_PATH}?${query}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return judge(response.status, await response.text(), response.headers.get('retry-after'));
  } catch (error) {
    const cause = error instanceof Error && error.cause ? `: ${error.cause}` : '';
    return { kind: 'retry', why: `${error}${cause}`, afterMs: 0 };
  }
}

function judge(status: number, text: string, retryAfter: string | null): Outcome {
  const answer: Partial<Answer> | undefined = quietly(() => JSON.parse(text));
  if (status === 202 && typeof answer?.accepted === 'number') {
    const rejected = Array.isArray(answer.rejected) ? answer.rejected : [];
    return { kind: 'delivered', answer: { accepted: answer.accepted, rejected } };
  }
  const why = `${status} ${text.slice(0, 300)}`.trim();
  if (status === 413) return { kind: 'split', why };
  if (status === 401 || status === 403) return { kind: 'retry', why, afterMs: REFUSED_KEY_AFTER_MS };
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return { kind: 'refused', why };
  // 5xx, and any success that is not ours: proxies answer 200 too.
  return { kind: 'retry', why, afterMs: readRetryAfter(retryAfter) };
}

/** Seconds, or a date. */
function readRetryAfter(text: string | null): number {
  const ms = Number(text) * 1_000 || Date.parse(text ?? '') - Date.now();
  return ms > 0 ? ms : 0;
}
