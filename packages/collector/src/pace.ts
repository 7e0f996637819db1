/**
 * Tells programs from people by their speed: nobody clicks, opens and searches ten times a second for ten seconds.
 *
 * Only when things happened counts, by the sender's own clock: a backlog that arrives at once after a day offline took a
 * day. What a page records by itself, such as impressions, does not count. The memory is bounded and the process's own.
 */
import { INTERACTION_TYPES, type Interaction, type InteractionType } from '@turnout/schema';
import type { BatchHead } from './judge.ts';

export interface Pace {
  /** Takes note of a browser's batch. True when it, or one lately, came faster than a person can act. */
  isInhuman(siteId: string, batch: BatchHead, interactions: Iterable<Interaction>, come: Arrived): boolean;
}

interface Arrived {
  receivedAt: number;
  attempt: number;
}

/** More than so many … */
export const MOST_ACTS = 100;
/** … within such a time: twice as fast as anger clicks, and half as fast as the slowest loop. */
const WINDOW_MS = 10_000;
/** Who was that fast is taken for a program so long, counted anew each time. */
const REMEMBERED_MS = 60 * 60_000;
const MAX_VISITORS = 20_000;
/** A browser may resend a batch by itself; its twin is one of the last. */
const MAX_BATCHES = 8;

/** What happens without anybody's hand. */
const BY_ITSELF: ReadonlySet<InteractionType> = new Set<InteractionType>([
  'served',
  'impression',
  'view',
  'scroll',
  'media_play',
  'exposure',
  'funnel_step',
  'web_vital',
  'identify',
  'custom',
]);
const ACTS: ReadonlySet<InteractionType> = new Set(INTERACTION_TYPES.filter((type) => !BY_ITSELF.has(type)));

interface Visitor {
  /** When they last acted, ascending, {@link MOST_ACTS} at most. */
  acts: number[];
  batches: string[];
  flaggedUntil: number;
}

export function createPace({ maxVisitors = MAX_VISITORS } = {}): Pace {
  const visitors = new Map<string, Visitor>();

  /** Nobody whose browser cannot be told from others is remembered: behind one address sit many. */
  function visitorOf(siteId: string, batch: BatchHead): Visitor {
    const fresh: Visitor = { acts: [], batches: [], flaggedUntil: 0 };
    const who = batch.visitor_id ?? batch.session_id;
    if (batch.cookieless || who === undefined) return fresh;
    const key = `${siteId}/${who}`;
    const visitor = visitors.get(key) ?? fresh;
    // Setting it again moves it to the end: whoever was silent longest makes room.
    visitors.delete(key);
    visitors.set(key, visitor);
    if (visitors.size > maxVisitors) {
      const [oldest = ''] = visitors.keys();
      visitors.delete(oldest);
    }
    return visitor;
  }

  return {
    isInhuman(siteId, batch, interactions, { receivedAt, attempt }) {
      const visitor = visitorOf(siteId, batch);
      const acts = new Map<string, number>();
      for (const { id, type, occurred_at } of interactions) if (ACTS.has(type)) acts.set(id, occurred_at);
      // What may have come before is measured by itself, and not added to its twins.
      const isFirst = attempt === 0 && !visitor.batches.includes(batch.batch_id);
      const times = [...(isFirst ? visitor.acts : []), ...acts.values()].sort((a, b) => a - b);
      if (times.some((time, at) => (times[at + MOST_ACTS] ?? Number.POSITIVE_INFINITY) - time < WINDOW_MS))
        visitor.flaggedUntil = receivedAt + REMEMBERED_MS;
      if (isFirst) {
        visitor.acts = times.slice(-MOST_ACTS);
        visitor.batches = [...visitor.batches, batch.batch_id].slice(-MAX_BATCHES);
      }
      return receivedAt < visitor.flaggedUntil;
    },
  };
}
