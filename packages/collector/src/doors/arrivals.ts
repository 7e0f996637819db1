/**
 * What the doors beside the wire share: records of many people become batches of one person each.
 *
 * Nothing here decides what is good: `ingest` judges each interaction alone, as it does for our own SDK. A door
 * only says whose each one is, and gets back which of what was sent was not taken.
 */
import {
  type Answer,
  type Interaction,
  MAX_INTERACTIONS,
  type PageContext,
  type RejectedInteraction,
} from '@turnout/schema';
import { keepTrait } from '@turnout/schema/wire';
import type { CollectorDependencies } from '../dependencies.ts';
import { derivedId } from '../derived-id.ts';
import { rejectedRow } from '../enrich.ts';
import { type IngestRequest, ingest } from '../ingest.ts';
import type { LogEntry } from '../intake.ts';
import type { BatchHead } from '../judge.ts';
import { Problem } from '../problem.ts';
import { rejectedText } from '../rejected-text.ts';
import type { Site } from '../sites.ts';

/** Whose it is and who sent it: what one batch has once. */
export interface Sender extends Pick<BatchHead, 'visitor_id' | 'user_id' | 'session_id' | 'sdk' | 'env'> {
  /** The sender's clock when it left, ms since 1970. */
  sentAt?: number | undefined;
  userAgent?: string | undefined;
}

/** One interaction on its way in. What was sent as one thing may be several of them: the lines of an order. */
export interface Arrival {
  /** The place of what it came from, among what was sent. */
  index: number;
  sender: Sender;
  page?: PageContext | undefined;
  /** Still to be judged. */
  interaction: Interaction;
}

/** What a door could make nothing of. It is kept with its reason, like any rejected interaction. */
export interface Refusal extends RejectedInteraction {
  sent: unknown;
}

/** What of a request concerns all that came in it. */
export type DoorRequest = Pick<IngestRequest, 'address' | 'place' | 'isBulk' | 'receivedAt'> & {
  /** As that of a batch; the place is that of what was sent. */
  besides?: IngestRequest['besides'];
  /** Its name: ids that are derived here begin with it. */
  door: string;
};

/** A row has a session; the tables know an empty one as none. */
const NO_SESSION = 'none';

/** Takes what a door has read. Resolves when all of it is on disk. */
export async function takeArrivals(
  dependencies: CollectorDependencies,
  site: Site,
  { arrivals, refusals }: { arrivals: readonly Arrival[]; refusals: readonly Refusal[] },
  request: DoorRequest,
): Promise<Answer> {
  const answers = await Promise.all(
    groups(arrivals).map((group) => takeGroup(dependencies, site, group, request)),
  );
  // Behind the others: of a request that a quota refuses nothing is kept.
  answers.push(await refuse(dependencies, site, refusals, request));
  // The lines of one order fail together: what was sent is listed once.
  const rejected = new Map(answers.flat().map((rejection) => [rejection.index, rejection]));
  const sent = new Set([...arrivals, ...refusals].map(({ index }) => index)).size;
  return {
    accepted: sent - rejected.size,
    rejected: [...rejected.values()].sort((a, b) => a.index - b.index),
  };
}

async function takeGroup(
  dependencies: CollectorDependencies,
  site: Site,
  group: readonly [Arrival, ...Arrival[]],
  { door, besides, ...request }: DoorRequest,
): Promise<RejectedInteraction[]> {
  const indexOf = (place: number) => group[place]?.index ?? 0;
  const { sentAt, userAgent = '', ...head } = group[0].sender;
  const pages: PageContext[] = [];
  const places = new Map<string, number>();
  const interactions = group.map(({ page, interaction }) => {
    if (!page) return interaction;
    const text = JSON.stringify(page);
    const context = places.get(text) ?? pages.push(page) - 1;
    places.set(text, context);
    return { ...interaction, context };
  });
  const batch = {
    ...head,
    session_id: head.session_id ?? NO_SESSION,
    // A retry makes the same batch, so that what is rejected is kept once too.
    batch_id: derivedId(site.id, 'batch', door, ...interactions.map(({ id }) => id)),
    contexts: pages,
    interactions,
  };
  try {
    const { rejected } = await ingest(dependencies, site, batch, {
      ...request,
      // Who resends here does not say so: every row is looked up before it is stored.
      attempt: undefined,
      sentAt: sentAt === undefined ? undefined : String(sentAt),
      userAgent,
      isOutsideSession: head.session_id === undefined,
      recordOf: indexOf,
      besides: besides && ((rows) => besides(rows.map((row) => ({ ...row, index: indexOf(row.index) })))),
    });
    return rejected.map((rejection) => ({ ...rejection, index: indexOf(rejection.index) }));
  } catch (error) {
    // Such as an id of a person that is too long. The others of the request live.
    if (!(error instanceof Problem) || error.code !== 'not_a_batch') throw error;
    const refusals = group.map(({ index, interaction }) => ({
      index,
      id: interaction.id,
      code: 'invalid' as const,
      message: error.message,
      sent: interaction,
    }));
    return refuse(dependencies, site, refusals, { door, ...request });
  }
}

async function refuse(
  { intake, metrics, now = Date.now }: CollectorDependencies,
  site: Site,
  refusals: readonly Refusal[],
  { door }: DoorRequest,
): Promise<RejectedInteraction[]> {
  if (refusals.length === 0) return [];
  // A retry is kept once.
  const batch = {
    batch_id: derivedId(site.id, 'refused', door, ...refusals.map(({ sent }) => rejectedText(sent))),
  };
  const entries = refusals.map(({ index, id, code, message, sent }): LogEntry => {
    const rejection = { index, id, code, message, text: rejectedText(withoutPerson(sent)) };
    // Nobody can tell whose it is: no person has the number 0.
    const row = rejectedRow(rejection, batch, { site, receivedAt: now(), userKey: '0' });
    return { kind: 'r', key: `${site.id}/${batch.batch_id}#${index}`, json: JSON.stringify(row) };
  });
  await intake.take(entries);
  for (const { code } of refusals) metrics.rejected(code, 1);
  return refusals.map(({ index, id, code, message }) => ({ index, id, code, message }));
}

/**
 * Where a message, record or line says who did it, and more about them. A row that belongs to nobody would outlive
 * the erasure of that person.
 */
const PERSONAL_FIELDS: ReadonlySet<string> = new Set([
  'visitor_id',
  'user_id',
  'session_id',
  'anonymousId',
  'userId',
  'previousId',
  'groupId',
  'traits',
  'properties',
  'props',
  'context',
]);

/** Deeper than any record goes: what is behind it is left out. */
const MAX_SHOWN_DEPTH = 6;

/** Also of what nobody asked for: a shop whose records all carry an `email` has all of them refused for that. */
function withoutPerson(sent: unknown, depth = 0): unknown {
  // A line that is no JSON may say anything.
  if (depth === 0 && typeof sent === 'string') return undefined;
  if (typeof sent !== 'object' || sent === null) return sent;
  if (depth > MAX_SHOWN_DEPTH) return undefined;
  if (Array.isArray(sent)) return sent.map((one) => withoutPerson(one, depth + 1));
  const kept = Object.entries(sent).flatMap(([name, value]) => {
    const told = PERSONAL_FIELDS.has(name) ? undefined : keepTrait(name, value);
    return told === undefined ? [] : [[name, withoutPerson(told, depth + 1)] as const];
  });
  return Object.fromEntries(kept);
}

/** One group a sender, none larger than a batch may be. What was sent as one stays together. */
function groups(arrivals: readonly Arrival[]): [Arrival, ...Arrival[]][] {
  const open = new Map<string, [Arrival, ...Arrival[]]>();
  const full: [Arrival, ...Arrival[]][] = [];
  for (const record of records(arrivals)) {
    const key = JSON.stringify(record[0].sender);
    const group = open.get(key);
    if (group && group.length + record.length <= MAX_INTERACTIONS) {
      group.push(...record);
    } else {
      if (group) full.push(group);
      open.set(key, record);
    }
  }
  return [...full, ...open.values()];
}

function records(arrivals: readonly Arrival[]): Iterable<[Arrival, ...Arrival[]]> {
  const byIndex = new Map<number, [Arrival, ...Arrival[]]>();
  for (const arrival of arrivals) {
    const record = byIndex.get(arrival.index);
    if (record) record.push(arrival);
    else byIndex.set(arrival.index, [arrival]);
  }
  return byIndex.values();
}
