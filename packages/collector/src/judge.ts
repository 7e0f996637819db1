/**
 * Judges a batch: which interactions are taken, which are not, and why.
 *
 * Each stands alone: a bad one never takes its neighbours with it, and every one sent is either
 * accepted or rejected. What is accepted is clean: the database can read it.
 */
import {
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
import { explainYear, type Times, wasPutBack, whyOutOfRange } from './times.ts';
import { countIn, type Warn, type WarningCode } from './warnings.ts';

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
  const message = whyOutOfRange(interaction.occurred_at, times, batch);
  if (message !== undefined) return { code: 'time_out_of_range', message };
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
  const message = `${explain(parsed.error, interactionSchema, fields)}${explainYear(isRecord(fields) ? fields.occurred_at : undefined)}`;
  return { code: isUnknown ? 'unknown_type' : 'invalid', message };
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
