/**
 * Batches on their way from a server: one after the other, each until the collector has it on disk.
 */
import type { RejectedInteraction } from '@turnout/schema/wire';
import { type Frozen, split } from './freeze.ts';
import { type Destination, post } from './post.ts';

/** What a flush came to. */
export interface Delivery {
  /** Interactions that the collector has on disk. */
  accepted: number;
  /** Interactions that the collector will not take: each was reported to `onError`. */
  rejected: number;
  /** Interactions that could not be delivered yet. They are kept, and tried again. */
  waiting: number;
  /** Why some are still waiting. */
  error?: string;
}

/** See {@link createLine}. */
export interface Line {
  add(batches: readonly Frozen[]): void;
  /** How many interactions are in it. */
  count(): number;
  /** Sends what is there, and tries again until `deadline`. Never rejects. */
  send(deadline: number): Promise<Delivery>;
  /** Before this time nobody is to send: the collector said so, or a backoff runs. */
  notBefore(): number;
}

const MIN_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;

/** Makes an empty {@link Line}. */
export function createLine(
  destination: Destination,
  rejected: (rejection: RejectedInteraction) => void,
  refused: (batch: Frozen, why: string) => void,
): Line {
  const batches: Frozen[] = [];
  let failures = 0;
  let notBefore = 0;
  const count = () => batches.reduce((sum, batch) => sum + batch.count, 0);
  return {
    add: (more) => void batches.push(...more),
    count,
    notBefore: () => notBefore,
    async send(deadline) {
      const delivery: Delivery = { accepted: 0, rejected: 0, waiting: 0 };
      for (let batch = batches[0]; batch; batch = batches[0]) {
        if (notBefore > deadline) break;
        await sleep(notBefore - Date.now());
        const outcome = await post(destination, batch);
        if (outcome.kind === 'retry') {
          batch.attempt++;
          delivery.error = outcome.why;
          // Full jitter: servers that failed together do not come back together.
          const jitter = Math.random() * Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** ++failures);
          notBefore = Date.now() + Math.max(MIN_BACKOFF_MS, jitter, outcome.afterMs);
          continue;
        }
        batches.shift();
        failures = notBefore = 0;
        delete delivery.error;
        const halves = outcome.kind === 'split' ? split(batch) : [];
        batches.unshift(...halves);
        if (halves.length) continue;
        if (outcome.kind !== 'delivered') {
          delivery.rejected += batch.count;
          refused(batch, outcome.why);
          continue;
        }
        delivery.accepted += outcome.answer.accepted;
        delivery.rejected += outcome.answer.rejected.length;
        for (const one of outcome.answer.rejected) rejected(one);
      }
      delivery.waiting = count();
      return delivery;
    },
  };
}

const sleep = (ms: number) => (ms > 0 ? new Promise<void>((resolve) => setTimeout(resolve, ms)) : undefined);
