/**
 * The wire as zod schemas: what a batch and one interaction must look like to be taken.
 *
 * Equal to the interfaces of `wire.ts`, which the compiler checks. Strict on kinds and bounds, lenient
 * on unknown fields: a newer SDK may say more than an older collector understands. Each field
 * describes what it must be, and `explain` turns that into a message that teaches.
 */
import { z } from 'zod';
import { quickCheck } from './quick-check.ts';
import {
  type Batch,
  INTERACTION_TYPES,
  type Interaction,
  type Json,
  MAX_ID_LENGTH,
  MAX_INTERACTIONS,
  MAX_TEXT_LENGTH,
  type PageContext,
} from './wire.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** 2100-01-01: past it lies a broken clock, and sums that decay with time overflow. */
const MAX_TIME_MS = 4_102_444_800_000;
const MAX_UINT16 = 65_535;
const MAX_UINT32 = 4_294_967_295;
/** A kind that says by itself which one is meant: this page, this session, the list in `list_id`. */
const KINDS_WITHOUT_ID = new Set(['page', 'search', 'session', 'list']);
const NOTHING: readonly string[] = [];

// The nil UUID has no version, so it is refused: shared by all, it would make one of all interactions.
const uuid = (expected: string) => z.string().regex(UUID).toLowerCase().describe(`a UUID: ${expected}`);

const text = (max: number, expected: string, min = 0) =>
  z
    .string()
    .min(min)
    .max(max)
    .optional()
    .describe(`text of ${min > 0 ? `${min} to ${max}` : `at most ${max}`} characters: ${expected}`);

const whole = (max: number, expected: string) =>
  z.int().min(0).max(max).optional().describe(`a whole number from 0 to ${max}: ${expected}`);

const number = (min: number, max: number, expected: string) =>
  z.number().min(min).max(max).optional().describe(`a number from ${min} to ${max}: ${expected}`);

/** One interaction. Unknown fields are left out of the result. */
export const interactionSchema = z
  .object({
    id: uuid('made when it happened and kept on every retry'),
    type: z
      .enum(INTERACTION_TYPES)
      .describe('one of the built-in types, or "custom" with a "name" of your own'),
    name: text(MAX_ID_LENGTH, 'what happened, such as "setlist_open"', 1),
    occurred_at: z
      .int()
      .min(0)
      .max(MAX_TIME_MS)
      .describe('a whole number of milliseconds since 1970 and before 2100, such as Date.now() gives'),
    context: whole(MAX_UINT16, "an index into the batch's contexts"),
    entity_type: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,49}$/)
      .optional()
      .describe('a lower-case word of at most 50 letters, digits and underscores, such as "event"'),
    entity_id: text(MAX_ID_LENGTH, 'which one it was', 1),
    list_id: text(MAX_ID_LENGTH, 'the list it was shown in'),
    position: whole(MAX_UINT16, 'its place in the list, from 0'),
    surface: text(MAX_ID_LENGTH, 'where it happened, such as "feed"'),
    view_id: text(MAX_ID_LENGTH, 'one opening of a page, dialog or card'),
    part: whole(MAX_UINT16, 'which part of the view this is, from 0'),
    duration_ms: whole(86_400_000, 'visible milliseconds, of one day at most'),
    visible_ratio: number(0, 1, 'the share that was visible'),
    value: number(-1e12, 1e12, 'an amount in "currency", such as 49.5'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .describe('three capital letters of ISO 4217, such as "USD"'),
    quantity: whole(MAX_UINT32, 'how many'),
    order_id: text(MAX_ID_LENGTH, 'the order, as your ticketing knows it', 1),
    experiment: text(MAX_ID_LENGTH, 'the experiment'),
    variant: text(MAX_ID_LENGTH, 'the variant that was seen'),
    query: text(MAX_TEXT_LENGTH, 'what was searched for'),
    search_id: text(MAX_ID_LENGTH, 'the search this belongs to'),
    undo: z.boolean().optional().describe('true or false: takes a like, save, follow or interest back'),
    // Depth, keys and length are bounded where props are cleaned: one walk through them is enough.
    props: z
      .custom<{ [key: string]: Json }>(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      )
      .optional()
      .describe('an object of facts, such as {"genre":"jazz"}'),
  })
  .superRefine((interaction, check) => {
    for (const problem of whatContradicts(interaction)) check.addIssue(problem);
  }) satisfies z.ZodType<Interaction>;

/** True for an interaction that `interactionSchema` takes and gives back as it is. */
export const isPlainInteraction = quickCheck<Interaction>(interactionSchema, whatContradicts);

/** The page of an interaction. */
export const contextSchema = z.object({
  page_url: text(MAX_TEXT_LENGTH, 'the address of the page'),
  page_path: text(MAX_TEXT_LENGTH, 'its path'),
  referrer: text(MAX_TEXT_LENGTH, 'where the visitor came from'),
  title: text(MAX_TEXT_LENGTH, 'the title of the page'),
  utm_source: text(MAX_ID_LENGTH, 'the campaign parameter of that name'),
  utm_medium: text(MAX_ID_LENGTH, 'the campaign parameter of that name'),
  utm_campaign: text(MAX_ID_LENGTH, 'the campaign parameter of that name'),
  utm_term: text(MAX_ID_LENGTH, 'the campaign parameter of that name'),
  utm_content: text(MAX_ID_LENGTH, 'the campaign parameter of that name'),
  language: text(MAX_ID_LENGTH, 'a BCP 47 tag, such as "en-GB"'),
  viewport_width: whole(MAX_UINT16, 'CSS pixels'),
  viewport_height: whole(MAX_UINT16, 'CSS pixels'),
}) satisfies z.ZodType<PageContext>;

/** True for a page that `contextSchema` takes and gives back as it is. */
export const isPlainContext = quickCheck<PageContext>(contextSchema, () => NOTHING);

/** A batch whose interactions and contexts are still to be judged, each alone. */
export type Envelope = Omit<Batch, 'interactions' | 'contexts'> & {
  contexts?: unknown[];
  interactions: unknown[];
};

/** The envelope of a batch. When it fails there is nothing to save: the whole body is refused. */
export const batchSchema = z
  .object({
    batch_id: uuid('made when the batch was put together and kept on every retry'),
    sdk: text(MAX_ID_LENGTH, 'who made the batch, such as "js/0.1.0"'),
    env: text(50, '"production" when left out', 1),
    visitor_id: text(MAX_ID_LENGTH, 'a random id of the browser', 1),
    user_id: text(MAX_ID_LENGTH, 'the signed-in person', 1),
    cookieless: z.literal(true).optional().describe('true, or left out'),
    session_id: text(MAX_ID_LENGTH, 'a random id of the visit, the same in all its batches', 1),
    consent: z
      .literal('granted')
      .optional()
      .describe('"granted", or left out where nobody is asked: without consent, send nothing'),
    dropped: whole(MAX_UINT32, 'interactions that this browser dropped since it last said so'),
    contexts: z
      .array(z.unknown())
      .max(MAX_INTERACTIONS)
      .optional()
      .describe(`a list of at most ${MAX_INTERACTIONS} pages`),
    interactions: z.array(z.unknown()).describe('a list of interactions'),
  })
  .superRefine((batch, check) => {
    for (const problem of whatBatchLacks(batch)) check.addIssue(problem);
  }) satisfies z.ZodType<Envelope>;

/** True for an envelope that `batchSchema` takes and gives back as it is. */
export const isPlainBatch = quickCheck<Envelope>(batchSchema, whatBatchLacks);

/** What no field of an interaction gets wrong alone. */
function whatContradicts({ type, name, entity_type, entity_id }: Interaction): readonly string[] {
  if (type === 'custom' && name === undefined) {
    return [
      '"name" is missing: a custom interaction says what happened, such as "setlist_open"',
      ...whatEntityLacks(entity_type, entity_id),
    ];
  }
  return whatEntityLacks(entity_type, entity_id);
}

function whatEntityLacks(kind: string | undefined, id: string | undefined): readonly string[] {
  if (id !== undefined && kind === undefined)
    return ['"entity_id" stands alone: say which kind it is in "entity_type", such as "event"'];
  if (kind !== undefined && id === undefined && !KINDS_WITHOUT_ID.has(kind))
    return [`"entity_id" is missing: say which ${kind} it was`];
  return NOTHING;
}

function whatBatchLacks(batch: Envelope): readonly string[] {
  const problems: string[] = [];
  if (!batch.visitor_id && !batch.user_id && !batch.cookieless)
    problems.push('nobody did it: send "visitor_id", "user_id" or "cookieless": true');
  if (!batch.session_id && !batch.cookieless)
    problems.push('"session_id" is missing: send a random id that the batches of one visit share');
  return problems;
}
