/**
 * Freezing, on a server: waiting interactions become batches whose bytes never change again.
 */
import { type Batch, type Interaction, MAX_BODY_BYTES, MAX_INTERACTIONS } from '@turnout/schema/wire';
import { toJson } from '../json.ts';
import { uuidv7 } from '../uuid.ts';
import { uuidV5 } from './uuid-v5.ts';

/** Who did it. */
type Person = Pick<Batch, 'visitor_id' | 'user_id' | 'session_id'>;

/** An interaction that waits for its batch. */
export interface Waiting {
  person: Person;
  interaction: Interaction;
  idempotencyKey: string | undefined;
}

/** A batch. */
export interface Frozen {
  body: string;
  /** How many interactions are in it. */
  count: number;
  /** How many dropped interactions it tells of. */
  dropped: number;
  /** How often it may have been sent before. */
  attempt: number;
}

/** Half of what the collector takes: room for everything around the interactions. */
const MAX_LENGTH = MAX_BODY_BYTES / 2;
const encoder = new TextEncoder();

/** Freezes all of `waiting`. The first batch tells how many interactions were `dropped`. */
export async function freeze(
  waiting: readonly Waiting[],
  head: Pick<Batch, 'sdk' | 'env'>,
  dropped: number,
): Promise<Frozen[]> {
  const drafts = new Map<string, { texts: string[]; length: number; isKeyed: boolean; person: Person }>();
  const frozen: Frozen[] = [];
  const close = (group: string) => {
    const draft = drafts.get(group);
    drafts.delete(group);
    if (!draft) return;
    const untold = frozen.length ? 0 : dropped;
    const start = toJson({ batch_id: uuidv7(), ...head, ...draft.person, dropped: untold || undefined });
    frozen.push({
      body: `${start.slice(0, -1)},"interactions":[${draft.texts}]}`,
      count: draft.texts.length,
      dropped: untold,
      // Another process may have sent the same keys: the collector looks up only what may have come before.
      attempt: draft.isKeyed ? 1 : 0,
    });
  };
  for (const { person, interaction, idempotencyKey } of waiting) {
    const { visitor_id, user_id } = person;
    const day = new Date(interaction.occurred_at).toISOString().slice(0, 10);
    const session_id = person.session_id ?? (await uuidV5('session', user_id ?? '', visitor_id ?? '', day));
    const { type, name = '', entity_type = '', entity_id = '' } = interaction;
    // One webhook may be about several people, and about several things of one.
    const what = [type, name, entity_type, entity_id, user_id ?? '', visitor_id ?? ''];
    const id = idempotencyKey === undefined ? interaction.id : await uuidV5('id', idempotencyKey, ...what);
    const text = toJson({ ...interaction, id });
    const length = encoder.encode(text).length + 1;
    const isKeyed = idempotencyKey !== undefined;
    const whole = { visitor_id, user_id, session_id };
    const group = toJson([whole, isKeyed]);
    const open = drafts.get(group);
    if (open && (open.length + length > MAX_LENGTH || open.texts.length >= MAX_INTERACTIONS)) close(group);
    const draft = drafts.get(group) ?? { texts: [], length: 0, isKeyed, person: whole };
    drafts.set(group, draft);
    draft.texts.push(text);
    draft.length += length;
  }
  for (const group of [...drafts.keys()]) close(group);
  return frozen;
}

/** Splits a batch that is too large into two; one interaction alone cannot be split. */
export function split({ body, count, dropped, attempt }: Frozen): Frozen[] {
  if (count < 2) return [];
  const { interactions, ...batch }: Batch = JSON.parse(body);
  const half = Math.ceil(count / 2);
  return [interactions.slice(0, half), interactions.slice(half)].map((part, index) => {
    const untold = index ? 0 : dropped;
    return {
      body: toJson({ ...batch, batch_id: uuidv7(), dropped: untold || undefined, interactions: part }),
      count: part.length,
      dropped: untold,
      attempt: attempt + 1,
    };
  });
}
