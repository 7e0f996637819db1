/**
 * Freezing: interactions become batches whose bytes never change again.
 *
 * Pure. A retry sends the same body, so the collector and everything between can recognise it. What was
 * never sent may still be thawed, to travel with others.
 */
import { MAX_BATCH_BYTES, MAX_INTERACTIONS } from '@turnout/schema/wire';
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
  /** JSON of its sdk, env and {@link Owner}: a batch has exactly one. */
  owner: string;
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
  /** Ids of its interactions. */
  ids: string[];
  /** How many dropped interactions it tells of. */
  dropped: number;
  /** How often it may have left before: 0 only for what nobody but this page has seen. */
  attempt: number;
  /** The collector said not to come back before this time. */
  notBefore?: number;
}

const encoder = new TextEncoder();
/** Length of a text in UTF-8, which is what requests are measured in. */
const utf8Length = (text: string): number => encoder.encode(text).length;

/** Room for what freezing adds: around a batch, and around each interaction. */
const BATCH_OVERHEAD = 120;
const INTERACTION_OVERHEAD = 20;

/**
 * Freezes all of `waiting`: one owner a batch, within the limits of the wire. The first one tells how many
 * interactions were `dropped`.
 */
export function freeze(waiting: WaitingInteraction[], kind: 'draft' | 'batch', dropped = 0): Entry[] {
  const open = new Map<string, Omit<WaitingInteraction, 'text'> & { bytes: number; ids: string[]; contexts: string[]; texts: string[] }>();
  const all: NonNullable<ReturnType<typeof open.get>>[] = [];
  for (const one of waiting) {
    const key = `${one.attempt}${one.owner}`;
    const bytes = utf8Length(one.text) + INTERACTION_OVERHEAD;
    const contextBytes = utf8Length(one.context) + 1;
    let batch = open.get(key);
    if (
      !batch ||
      batch.bytes + bytes + contextBytes > MAX_BATCH_BYTES ||
      batch.ids.length >= MAX_INTERACTIONS
    ) {
      batch = { ...one, bytes: utf8Length(one.owner) + BATCH_OVERHEAD, ids: [], contexts: [], texts: [] };
      open.set(key, batch);
      all.push(batch);
    }
    let place = batch.contexts.indexOf(one.context);
    if (place < 0) {
      place = batch.contexts.push(one.context) - 1;
      batch.bytes += contextBytes;
    }
    batch.texts.push(`${one.text.slice(0, -1)},"context":${place}}`);
    batch.ids.push(one.id);
    batch.bytes += bytes;
  }
  return all.map(({ at, owner, attempt = 0, ids, contexts, texts }) => {
    // A draft is known by its first interaction: the batch that takes its place has that among its ids.
    const id = (kind === 'draft' && ids[0]) || uuidv7();
    const told = dropped;
    dropped = 0;
    const head = `"batch_id":"${id}",${owner.slice(1, -1)}${told ? `,"dropped":${told}` : ''}`;
    const body = `{${head},"contexts":[${contexts}],"interactions":[${texts}]}`;
    return { kind, id, at, body, bytes: utf8Length(body), ids, dropped: told, attempt };
  });
}

/** The interactions of a batch, to be frozen anew. */
export function thaw({ body, at, attempt }: Entry): WaitingInteraction[] {
  const { batch_id, dropped, contexts, interactions, ...head } = JSON.parse(body);
  const owner = toJson(head);
  return interactions.map(({ context, ...one }: { id: string; context: number }) => ({
    id: one.id,
    at,
    text: toJson(one),
    context: toJson(contexts[context]),
    owner,
    attempt,
  }));
}

/** Halves of a batch that the collector found too large. */
export function split(batch: Entry): Entry[] {
  const all = thaw(asStored(batch));
  const rest = all.splice(all.length / 2 + 0.5);
  return [...freeze(all, 'batch', batch.dropped), ...freeze(rest, 'batch')];
}

/** How an entry is stored: whoever reads it cannot know whether it left before. */
export const asStored = (entry: Entry): Entry => ({ ...entry, attempt: entry.attempt + 1 });

/** Notes that interactions were dropped: a draft of none, so the next batch tells. */
export const aDrop = (dropped: number): Entry => ({
  kind: 'draft',
  id: uuidv7(),
  at: now(),
  body: '{"interactions":[]}',
  bytes: 0,
  ids: [],
  dropped,
  attempt: 0,
});
