/**
 * Judges a batch: which interactions are taken, which are not, and why.
 *
 * Each stands alone: a bad one never takes its neighbours with it, and every one sent is either
 * accepted or rejected. What is accepted is clean: the database can read it.
 */
import {
  ACCEPTED_FUTURE_MS,
  ACCEPTED_PAST_MS,
  type Batch,
  batchSchema,
  type Catalog,
  contextSchema,
  type Envelope,
  explain,
  INTERACTION_TYPES,
  type Interaction,
  interactionSchema,
  isPlainBatch,
  isPlainContext,
  isPlainInteraction,
  liveMusic,
  MAX_ID_LENGTH,
  MAX_INTERACTIONS,
  missingMetadata,
  type PageContext,
  type RejectedInteraction,
} from '@turnout/schema';
import { cleanProps, cleanText, cutText, hasCleanTexts } from './clean.ts';
import { rejectedText } from './rejected-text.ts';
import type { Site } from './sites.ts';
import { countIn, type Warn, type WarningCode } from './warnings.ts';

/** The clocks that an interaction's time is judged by, in ms since 1970. */
export interface Times {
  receivedAt: number;
  /** The sender's clock when the attempt left; undefined when it did not say. */
  sentAt: number | undefined;
  /** A bulk import: history is welcome, as old as rows are kept. The future still is not. */
  isBulk?: boolean;
}

/** A batch without its interactions; its contexts are clean. */
export type BatchHead = Omit<Batch, 'interactions'>;

/** A rejected interaction with its JSON text, as far as it is kept. */
export type Rejection = RejectedInteraction & { text: string };

/** Either why the body is no batch, with the status to answer, or what became of each interaction. */
export type Judgement =
  | { problem: string; status: 400 | 413 }
  | {
      batch: BatchHead;
      accepted: { index: number; interaction: Interaction }[];
      rejected: Rejection[];
      warnings: Map<WarningCode, number>;
    };

/** Raw keeps its rows for so long (`TTL` of the table): what is older would be gone before anybody saw it. */
const BULK_PAST_MONTHS = 25;
const KNOWN_TYPES: ReadonlySet<unknown> = new Set(INTERACTION_TYPES);

/**
 * Judges a parsed body. Never throws, whatever JSON it is.
 *
 * @param catalog - What each type must carry; the built-in catalogue when the site has none.
 */
export function judgeBatch(json: unknown, site: Site, times: Times, catalog: Catalog = liveMusic): Judgement {
  const warnings = new Map<WarningCode, number>();
  const warn = countIn(warnings);
  const read = readEnvelope(json, warn);
  if ('problem' in read) return { problem: read.problem, status: 400 };
  const { interactions, contexts, ...head } = read;
  if (interactions.length > MAX_INTERACTIONS) {
    const problem = `A batch holds at most ${MAX_INTERACTIONS} interactions, not ${interactions.length}: split it.`;
    return { problem, status: 413 };
  }

  const batch: BatchHead = contexts ? { ...head, contexts: contexts.map((it) => toContext(it, warn)) } : head;
  const accepted: { index: number; interaction: Interaction }[] = [];
  const rejected: Rejection[] = [];
  for (const [index, sent] of interactions.entries()) {
    const verdict = judgeOne(sent, batch, site, times, catalog, warn);
    if ('code' in verdict) {
      const id = isRecord(sent) && typeof sent.id === 'string' ? cutText(sent.id, MAX_ID_LENGTH) : null;
      rejected.push({ index, id, code: verdict.code, message: verdict.message, text: rejectedText(sent) });
    } else {
      accepted.push({ index, interaction: verdict });
    }
  }
  return { batch, accepted, rejected, warnings };
}

/**
 * When it happened by the collector's clock: the sender's clock, moved by how far it was off when the
 * attempt left. The travel time of the request is part of that, and not worth guessing at.
 */
export function correctedTime(occurredAt: number, times: Times, batch: Pick<BatchHead, 'batch_id'>): number {
  return wasPutBack(occurredAt, times, batch) ? times.receivedAt : movedTime(occurredAt, times);
}

const movedTime = (occurredAt: number, { receivedAt, sentAt }: Times) =>
  sentAt === undefined ? occurredAt : occurredAt + (receivedAt - sentAt);

/**
 * True for what the sender's clock calls the future, as it does the batch that it is in: both were made while that clock ran
 * ahead, and it was put right since. It happened before it came, and nobody knows when.
 */
function wasPutBack(occurredAt: number, times: Times, { batch_id }: Pick<BatchHead, 'batch_id'>): boolean {
  return (
    times.sentAt !== undefined &&
    Math.abs(times.receivedAt - times.sentAt) < ACCEPTED_PAST_MS &&
    movedTime(occurredAt, times) > times.receivedAt + ACCEPTED_FUTURE_MS &&
    occurredAt <= frozenAt(batch_id)
  );
}

const UUID_V7 = /^(.{8})-(.{4})-7/;

/** When a batch was put together by its sender's clock, as its id tells. */
function frozenAt(batchId: string): number {
  const [, high = '', low = ''] = UUID_V7.exec(batchId) ?? [];
  return Number.parseInt(high + low, 16);
}

function judgeOne(
  sent: unknown,
  batch: BatchHead,
  site: Site,
  times: Times,
  catalog: Catalog,
  warn: Warn,
): Interaction | Pick<Rejection, 'code' | 'message'> {
  const interaction = readInteraction(sent, warn);
  if ('code' in interaction) return interaction;
  const pages = batch.contexts?.length ?? 0;
  if (interaction.context !== undefined && interaction.context >= pages) {
    const message = `"context" is ${interaction.context}, but the batch has ${pages} contexts; the first is 0.`;
    return { code: 'invalid', message };
  }
  if (interaction.props) {
    const cleaned = cleanProps(interaction.props, warn);
    if ('problem' in cleaned) {
      return { code: 'invalid', message: cleaned.problem };
    }
    interaction.props = cleaned.props;
  }
  const lateness = times.receivedAt - correctedTime(interaction.occurred_at, times, batch);
  const past = times.isBulk
    ? times.receivedAt - monthsBefore(times.receivedAt, BULK_PAST_MONTHS)
    : ACCEPTED_PAST_MS;
  // Written so that a time which is no number is out of range too.
  if (!(lateness <= past && lateness >= -ACCEPTED_FUTURE_MS)) {
    return {
      code: 'time_out_of_range',
      message: explainTime(interaction.occurred_at, lateness, times.isBulk),
    };
  }
  if (wasPutBack(interaction.occurred_at, times, batch)) warn('clock_put_back');
  const missing = missingMetadata(interaction, catalog);
  if (missing.length > 0) {
    if (site.strict) {
      const what = interaction.type === 'custom' ? interaction.name : interaction.type;
      const message = `"${what}" must carry ${missing.join(', ')} on this site. Send them as fields or in "props".`;
      return { code: 'missing_metadata', message };
    }
    warn('missing_metadata');
  }
  return interaction;
}

/** The quick check tells that zod would change nothing, and the texts need no mending: then the value is what it reads as. */
function isGood<Value>(
  value: unknown,
  isPlain: (value: { [key: string]: unknown }) => boolean,
): value is Value {
  return isRecord(value) && isPlain(value) && hasCleanTexts(value);
}

function readEnvelope(json: unknown, warn: Warn): Envelope | { problem: string } {
  if (isGood<Envelope>(json, isPlainBatch)) return json;
  const fields = cleanFields(json, batchSchema.shape, warn);
  const parsed = batchSchema.safeParse(fields);
  return parsed.success
    ? parsed.data
    : { problem: `This is no batch: ${explain(parsed.error, batchSchema, fields)}` };
}

function readInteraction(sent: unknown, warn: Warn): Interaction | Pick<Rejection, 'code' | 'message'> {
  if (isGood<Interaction>(sent, isPlainInteraction)) return sent;
  const fields = cleanFields(sent, interactionSchema.shape, warn);
  const parsed = interactionSchema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const isUnknown = isRecord(fields) && typeof fields.type === 'string' && !KNOWN_TYPES.has(fields.type);
  const message = `${explain(parsed.error, interactionSchema, fields)}${explainYear(fields)}`;
  return { code: isUnknown ? 'unknown_type' : 'invalid', message };
}

/** Times are sent in seconds, in milliseconds and in microseconds: those of this century lie far apart. */
const MOST_SECONDS = 1e11;
const MOST_MILLISECONDS = 1e14;
const YEAR_2100_MS = Date.UTC(2100, 0, 1);

/** What a time past 2100 is, which its number does not show. */
function explainYear(fields: unknown): string {
  const time = isRecord(fields) ? fields.occurred_at : undefined;
  if (typeof time !== 'number' || !(time >= YEAR_2100_MS)) return '';
  return time > MOST_MILLISECONDS
    ? ' It looks like microseconds: divide it by 1000.'
    : ` That is in the year ${new Date(time).getUTCFullYear()}: look at the clock that it comes from.`;
}

function explainTime(occurredAt: number, lateness: number, isBulk = false): string {
  if (occurredAt < MOST_SECONDS && lateness > 0)
    return `"occurred_at" is ${occurredAt}, which is a time in ${new Date(occurredAt).getUTCFullYear()}. It looks like seconds: send milliseconds since 1970.`;
  const seconds = Math.round(Math.abs(lateness) / 1_000);
  if (lateness < 0)
    return (
      `"occurred_at" lies ${seconds} s ahead of the collector's clock, and ${ACCEPTED_FUTURE_MS / 1_000} s are ` +
      'accepted. Send your clock in "sent_at", and the collector corrects the difference.'
    );
  return isBulk
    ? `"occurred_at" lies ${Math.floor(seconds / 86_400)} days before it arrived, and rows are kept for ${BULK_PAST_MONTHS} months: ` +
        'nothing would be left of it. Leave what is older out of the file.'
    : `"occurred_at" lies ${seconds} s before it arrived, and ${ACCEPTED_PAST_MS / 86_400_000} days are accepted. Import older history in bulk.`;
}

/** Counted as the database does it: the same day of an earlier month, or its last. */
function monthsBefore(ms: number, months: number): number {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

function toContext(sent: unknown, warn: Warn): PageContext {
  if (isGood<PageContext>(sent, isPlainContext)) return sent;
  const fields = cleanFields(sent, contextSchema.shape, warn);
  const parsed = contextSchema.safeParse(fields);
  if (parsed.success) {
    return parsed.data;
  }
  if (!isRecord(fields)) {
    warn('invalid_context');
    return {};
  }
  // A title too long is no reason to lose what happened on the page.
  const fitting = { ...fields };
  for (const { code, path, ...issue } of parsed.error.issues) {
    const field = String(path[0]);
    const value = fields[field];
    if (code === 'too_big' && 'maximum' in issue && typeof value === 'string') {
      fitting[field] = cutText(value, Number(issue.maximum));
    } else {
      delete fitting[field];
    }
    warn('invalid_context');
  }
  return contextSchema.safeParse(fitting).data ?? {};
}

/**
 * The value with clean texts in the fields that a schema knows; the others are counted, and the schema
 * leaves them out. Nearly always that is the value itself: copying costs more than looking.
 */
function cleanFields(value: unknown, shape: object, warn: Warn): unknown {
  if (!isRecord(value)) {
    return value;
  }
  let cleaned = value;
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (!Object.hasOwn(shape, key)) {
      warn('unknown_field');
    } else if (typeof field === 'string') {
      const text = cleanText(field);
      if (text !== field) {
        cleaned = { ...cleaned, [key]: text };
      }
    }
  }
  return cleaned;
}

function isRecord(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
