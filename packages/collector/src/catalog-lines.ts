/** What the lines of `PUT /v1/catalog` must be. */
import { z } from 'zod';
import { cleanText } from './clean.ts';
import { AS_TEXT, isExact } from './doors/take-fields.ts';
import { decimal } from './well-known-props.ts';

const text = (max: number) =>
  z
    .string('write text')
    .max(max, `use at most ${max} characters`)
    .transform((value) => cleanText(value));
const id = z
  .union([z.string(), z.number().refine(isExact, AS_TEXT)], 'write an id')
  .transform((value) => cleanText(String(value)))
  .pipe(z.string().min(1, 'write an id').max(200, 'use at most 200 characters'));
const day = z.iso
  .date('write a day as YYYY-MM-DD')
  .refine((value) => value >= '1970-01-01' && value < '2149-01-01', 'use a day from 1970 to 2148');
const money = z
  .number('write a number')
  .min(0, 'use 0 or more')
  .max(1e12, 'use at most 1e12')
  .transform(decimal);
const version = z
  .union(
    [z.int().min(1), z.string().regex(/^[1-9]\d{0,18}$/)],
    'use a whole number from 1 that grows, such as milliseconds since 1970',
  )
  .transform(String);

export const entitySchema = z.strictObject({
  entity_type: text(50).pipe(z.string().min(1, 'name the kind of thing, such as "event"')),
  entity_id: id,
  version: version.optional(),
  deleted: z.boolean('write true or false').optional(),
  name: text(500).optional(),
  city: text(100).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'use two capital letters of ISO 3166-1, such as "US"')
    .optional(),
  genre: text(100).optional(),
  artist_id: id.optional(),
  venue_id: id.optional(),
  starts_on: day.optional(),
  ends_on: day.optional(),
  price_min: money.optional(),
  price_max: money.optional(),
  capacity: z.int('write a whole number').min(0, 'use 0 or more').max(4_294_967_295, 'use less').optional(),
  cost: money.optional(),
  cost_per: z.enum(['run', 'day', 'mille', 'click'], 'use "run", "day", "mille" or "click"').optional(),
});

export const personSchema = z
  .strictObject({
    user_id: id.optional(),
    visitor_id: id.optional(),
    version: version.optional(),
    birth_year: z.int('write a year').optional(),
    gender: text(100).optional(),
    city: text(100).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'use two capital letters of ISO 3166-1, such as "US"')
      .optional(),
  })
  .refine(
    (person) => (person.user_id === undefined) !== (person.visitor_id === undefined),
    'name either a "user_id" or a "visitor_id"',
  );
