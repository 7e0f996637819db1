/**
 * Freezing: interactions become batches whose bytes never change again.
 *
 * Pure. A retry sends the same body, so the collector and everything between can recognise it. What was
 * never sent may still be thawed, to travel with others.
 */
import { type InteractionType, MAX_BATCH_BYTES } from '@turnout/schema/wire';
import { now } from './clock.ts';
import { toJson } from './json.ts';
import { uuidv7 } from './uuid.ts';

/** An interaction that was recorded, with everything that a batch shares. */
export interface WaitingInteraction {
  id: string;
  at: number;
  /** JSON of the interaction, without `context`. */
  text: string;
  /** JSON of its page. */
  context: string;
  /** JSON of its `Owner` (`identity.ts`): a batch has exactly one. */
  owner: string;
  /** What is urgent is not asked of what was reloaded. */
  type?: InteractionType;
  /** See {@link Entry}. */
  attempt?: number;
}

/** What the queue stores: interactions as a body, in one of three states. */
export interface Entry {
  /**
   * A `draft` is what one task recorded, and never left. A `batch` may have left: only this body may leave
   * again. One in `quarantine` was refused by the collector, and is kept for whoever looks.
   */
  kind: 'draft' | 'batch' | 'quarantine';
  id: string;
  /** When its oldest interaction was recorded. */
  at: number;
  body: string;
  /** Length of `body` in UTF-8. */
  bytes: number;
  /** Ids of its interactions; none in quarantine, where they are counted as dropped. */
  ids: string[];
  /** How many dropped interactions it tells of. */
  dropped: number;
  /** How often it may have left before: 0 only for what nobody but this page has seen. */
  attempt: number;
  /** The collector said not to come back before this time. */
  notBefore?: number;
}

/** More would hardly fit: they are halved unseen, so that a long queue is not written out at every size. */
const MAX_COUNTED = 200;

/**
 * Freezes all interactions: one owner a batch, halves of it where it would be too large. The first batch
 * tells how many others were `dropped`.
 */
export function freeze(
  all: WaitingInteraction[],
  kind: Entry['kind'],
  dropped = 0,
  maxBytes = MAX_BATCH_BYTES,
): Entry[] {
  const [first] = all;
  if (!first) return [];
  const apart = (some: WaitingInteraction[], others: WaitingInteraction[]) => [
    ...freeze(some, kind, dropped, maxBytes),
    ...freeze(others, kind, 0, maxBytes),
  ];
  const { at, owner, attempt = 0 } = first;
  const isOther = (one: WaitingInteraction) => one.owner !== owner || one.attempt !== first.attempt;
  const others = all.filter(isOther);
  if (others.length)
    return apart(
      all.filter((one) => !isOther(one)),
      others,
    );
  const half = Math.ceil(all.length / 2);
  const halves = () => apart(all.slice(0, half), all.slice(half));
  if (all.length > MAX_COUNTED) return halves();

  // A draft is known by its first interaction: the batch that takes its place has that among its ids.
  const id = kind === 'draft' ? first.id : uuidv7();
  const contexts = [...new Set(all.map(({ context }) => context))];
  const interactions = all.map(
    ({ text, context }) => `${text.slice(0, -1)},"context":${contexts.indexOf(context)}}`,
  );
  const head = `"batch_id":"${id}",${owner.slice(1, -1)}${dropped ? `,"dropped":${dropped}` : ''}`;
  const body = `{${head},"contexts":[${contexts}],"interactions":[${interactions}]}`;
  const bytes = new TextEncoder().encode(body).length;
  if (bytes > maxBytes && half < all.length) return halves();
  return [{ kind, id, at, body, bytes, ids: all.map((one) => one.id), dropped, attempt }];
}

/** The interactions of an entry, to be frozen anew. */
export function thaw({ body, at }: Entry, attempt: number): WaitingInteraction[] {
  const { batch_id, dropped, contexts, interactions, ...head } = JSON.parse(body);
  const owner = toJson(head);
  return interactions.map(({ context, ...one }: { id: string; context: number; occurred_at: number }) => ({
    id: one.id,
    at,
    // The clock that it was recorded with ran fast, and was put right since.
    text: toJson({ ...one, occurred_at: Math.min(one.occurred_at, now()) }),
    context: toJson(contexts[context]),
    owner,
    attempt,
  }));
}

/** How an entry is stored: whoever reads it cannot know whether it left before. */
export const asStored = (entry: Entry): Entry => ({ ...entry, attempt: entry.attempt + 1 });

/** Notes that interactions were dropped: a draft of none, so the next batch tells. */
export const aDrop = (dropped: number, id = uuidv7()): Entry => ({
  kind: 'draft',
  id,
  at: now(),
  body: '{"interactions":[]}',
  bytes: 0,
  ids: [],
  dropped,
  attempt: 0,
});
