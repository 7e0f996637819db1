/**
 * Freezing: waiting interactions become batches whose bytes never change again.
 *
 * Pure. A retry sends the same body, so the collector and everything between can recognise it.
 */
import { MAX_BATCH_BYTES, MAX_INTERACTIONS } from '@turnout/schema/wire';
import { toJson } from './json.ts';
import { uuidv7 } from './uuid.ts';

/** An interaction that waits in the queue, with everything that a batch shares. */
export interface WaitingInteraction {
  id: string;
  at: number;
  /** JSON of the interaction, without `context`. */
  text: string;
  /** JSON of its page. */
  context: string;
  /** JSON of its sdk, env and {@link Owner}: a batch has exactly one. */
  owner: string;
}

/** A batch that waits in the queue. */
export interface FrozenBatch {
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
export const utf8Length = (text: string): number => encoder.encode(text).length;

/** Room for what freezing adds: around a batch, and around each interaction. */
const BATCH_OVERHEAD = 120;
const INTERACTION_OVERHEAD = 20;

/**
 * Freezes all of `waiting`: one owner a batch, within the limits of the wire. The first one tells how many
 * interactions were `dropped`.
 */
export function freeze(waiting: WaitingInteraction[], attempt: number, dropped = 0): FrozenBatch[] {
  const open = new Map<string, { bytes: number; contexts: string[]; members: WaitingInteraction[] }>();
  const frozen: FrozenBatch[] = [];
  const close = (owner: string) => {
    const draft = open.get(owner);
    if (draft) frozen.push(write(owner, draft.contexts, draft.members, attempt, frozen.length ? 0 : dropped));
    open.delete(owner);
  };
  for (const one of waiting) {
    const bytes = utf8Length(one.text) + INTERACTION_OVERHEAD;
    const contextBytes = utf8Length(one.context) + 1;
    let draft = open.get(one.owner);
    if (
      draft &&
      (draft.bytes + bytes + contextBytes > MAX_BATCH_BYTES || draft.members.length >= MAX_INTERACTIONS)
    ) {
      close(one.owner);
      draft = undefined;
    }
    if (!draft) {
      draft = { bytes: utf8Length(one.owner) + BATCH_OVERHEAD, contexts: [], members: [] };
      open.set(one.owner, draft);
    }
    if (!draft.contexts.includes(one.context)) {
      draft.contexts.push(one.context);
      draft.bytes += contextBytes;
    }
    draft.members.push(one);
    draft.bytes += bytes;
  }
  for (const owner of [...open.keys()]) close(owner);
  return frozen;
}

/** Splits a batch that the collector found too large; one interaction alone cannot be split. */
export function split(batch: FrozenBatch): FrozenBatch[] {
  if (batch.ids.length < 2) return [];
  const { interactions, ...head } = JSON.parse(batch.body);
  const half = Math.ceil(batch.ids.length / 2);
  return [interactions.slice(0, half), interactions.slice(half)].map((part: { id: string }[], n) => {
    const id = uuidv7();
    const dropped = n ? 0 : batch.dropped;
    // What is undefined is no part of JSON.
    const body = toJson({ ...head, batch_id: id, dropped: dropped || undefined, interactions: part });
    const ids = part.map((interaction) => interaction.id);
    return { id, at: batch.at, body, bytes: utf8Length(body), ids, dropped, attempt: batch.attempt + 1 };
  });
}

function write(
  owner: string,
  contexts: string[],
  members: WaitingInteraction[],
  attempt: number,
  dropped: number,
): FrozenBatch {
  const id = uuidv7();
  const interactions = members.map(
    ({ text, context }) => `${text.slice(0, -1)},"context":${contexts.indexOf(context)}}`,
  );
  const head = owner.slice(1, -1) + (dropped ? `,"dropped":${dropped}` : '');
  const body = `{"batch_id":"${id}",${head},"contexts":[${contexts}],"interactions":[${interactions}]}`;
  return {
    id,
    at: Math.min(...members.map((member) => member.at)),
    body,
    bytes: utf8Length(body),
    ids: members.map((member) => member.id),
    dropped,
    attempt,
  };
}
