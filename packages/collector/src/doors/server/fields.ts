/**
 * Fields that the records of back ends share. Each says what to write, so that a refusal teaches; the same
 * schemas are what `/openapi.json` shows.
 */
import { MAX_ID_LENGTH } from '@turnout/schema';
import { z } from 'zod';
import { HOW_TO_WRITE_TIME, ISO_TIME, readTime } from '../read-time.ts';
import { AS_TEXT, isExact } from '../take-fields.ts';

const MAX_MONEY = 1e12;

export const id = (what: string) =>
  z
    .union(
      [z.string(), z.number().refine(isExact, AS_TEXT)],
      `write text of at most ${MAX_ID_LENGTH} characters`,
    )
    .transform(String)
    .pipe(z.string().min(1, 'write something').max(MAX_ID_LENGTH, `use at most ${MAX_ID_LENGTH} characters`))
    .describe(what);

export const word = (what: string) =>
  z
    .string(`write text of at most ${MAX_ID_LENGTH} characters`)
    .min(1, 'write something')
    .max(MAX_ID_LENGTH, `use at most ${MAX_ID_LENGTH} characters`)
    .describe(what);

export const money = (what: string) =>
  z
    .number('write a number, such as 49.5')
    .min(-MAX_MONEY, 'use at least -1e12')
    .max(MAX_MONEY, 'use at most 1e12')
    .describe(what);

export const whole = (what: string) =>
  z
    .int('write a whole number')
    .min(0, 'use 0 or more')
    .max(4_294_967_295, 'use at most 4294967295')
    .describe(what);

export const currency = z
  .string('write three capital letters of ISO 4217, such as "USD"')
  .regex(/^[A-Z]{3}$/, 'use three capital letters of ISO 4217, such as "USD"')
  .describe('ISO 4217; that of the site when left out');

const WHEN = `write when it happened: ${HOW_TO_WRITE_TIME}`;

/** ISO 8601 with a time zone, or ms since 1970; becomes the latter. */
const time = z
  .union(
    [
      z.int(WHEN),
      z
        .string(WHEN)
        .regex(ISO_TIME, WHEN)
        .refine((text) => readTime(text) !== undefined, WHEN),
    ],
    WHEN,
  )
  .transform((value) => (typeof value === 'string' ? (readTime(value) as number) : value))
  .describe('when it happened: ISO 8601 with a time zone, or milliseconds since 1970');

const props = z
  .record(z.string(), z.unknown(), 'write an object, such as {"gate":"B"}')
  .describe('more facts, within the limits of every interaction');

/** Of every record. */
export const common = {
  id: id('names this record: sent twice, it counts once. The same as idempotency_key').optional(),
  idempotency_key: id('names this record: sent twice, it counts once').optional(),
  occurred_at: time,
  env: z
    .string('write text')
    .min(1, 'write something')
    .max(50, 'use at most 50 characters')
    .optional()
    .describe('production when left out; nothing else reaches the daily tables'),
  props: props.optional(),
};

/** What it is about: the first of these that is there. */
export const about = {
  event_id: id('the concert').optional(),
  offer_id: id('the offer').optional(),
  artist_id: id('the artist').optional(),
  venue_id: id('the venue').optional(),
};

/** Whose it is. */
export const person = {
  user_id: id('the signed-in person, as your system knows them').optional(),
  visitor_id: id("the browser's visitor id, handed through your checkout").optional(),
  session_id: id("the visit it belongs to, such as the browser's; none when left out").optional(),
};

type About = { [Name in keyof typeof about]?: string | undefined };

/** The entity, and what is left for `props`. */
export function entityOf({ event_id, offer_id, artist_id, venue_id }: About) {
  if (event_id !== undefined)
    return { entity: { entity_type: 'event', entity_id: event_id }, facts: { artist_id, venue_id } };
  if (offer_id !== undefined)
    return { entity: { entity_type: 'offer', entity_id: offer_id }, facts: { artist_id, venue_id } };
  if (artist_id !== undefined)
    return { entity: { entity_type: 'artist', entity_id: artist_id }, facts: { venue_id } };
  if (venue_id !== undefined) return { entity: { entity_type: 'venue', entity_id: venue_id }, facts: {} };
  return { entity: {}, facts: {} };
}
