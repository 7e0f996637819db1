/**
 * Takes facts out of a loose object into the fields of the wire. What does not fit a field stays where it was, so
 * that nothing is lost and nothing is rejected for being loose.
 */
import { INTERACTION_TYPES, type Interaction, MAX_ID_LENGTH, MAX_TEXT_LENGTH } from '@turnout/schema';
import { defined } from '../defined.ts';
import type { JsonObject } from '../read-json.ts';

export const INTERACTION_TYPE_NAMES: ReadonlySet<string> = new Set(INTERACTION_TYPES);

const MAX_UINT16 = 65_535;
const MAX_UINT32 = 4_294_967_295;
const MAX_MONEY = 1e12;
const ENTITY_TYPE = /^[a-z][a-z0-9_]{0,49}$/;

/** An id, which some send as a number. One that is rounded is none: it would be that of its neighbours, too. */
export function idOf(value: unknown): string | undefined {
  const text = isExact(value) ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= MAX_ID_LENGTH ? text : undefined;
}

/** Whether it is a number that says what was written. */
export function isExact(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** What to do about an id that was rounded. */
export const AS_TEXT = 'write it as text: so long a number is rounded on its way';

/** A number, which some send as text. */
export function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && /^-?\d{1,15}(\.\d{1,20})?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function moneyOf(value: unknown): number | undefined {
  const amount = numberOf(value);
  return amount !== undefined && Math.abs(amount) <= MAX_MONEY ? amount : undefined;
}

export function wholeOf(value: unknown, max = MAX_UINT32): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= max
    ? number
    : undefined;
}

export function currencyOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return /^[A-Z]{3}$/.test(text) ? text : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH ? value : undefined;
}

/** Takes the first of these that is there and fits; the others stay. */
export function take<Value>(
  from: JsonObject,
  names: readonly string[],
  read: (value: unknown) => Value | undefined,
): Value | undefined {
  for (const name of names) {
    const value = Object.hasOwn(from, name) ? read(from[name]) : undefined;
    if (value === undefined) continue;
    delete from[name];
    return value;
  }
  return undefined;
}

export type Entity = Pick<Interaction, 'entity_type' | 'entity_id'>;

/** What it is about: what it says itself, or else the concert, the product, the artist or the venue it names. */
export function takeEntity(from: JsonObject): Entity {
  const kind = from.entity_type;
  const own = idOf(from.entity_id);
  if (typeof kind === 'string' && ENTITY_TYPE.test(kind) && own !== undefined) {
    delete from.entity_type;
    delete from.entity_id;
    return { entity_type: kind, entity_id: own };
  }
  for (const [name, entity_type] of ENTITY_PROPS) {
    const entity_id = take(from, [name], idOf);
    if (entity_id !== undefined) return { entity_type, entity_id };
  }
  return {};
}

/** Props that say what an interaction is about, the closest first. A shop's products are offers. */
const ENTITY_PROPS = [
  ['event_id', 'event'],
  ['product_id', 'offer'],
  ['sku', 'offer'],
  ['artist_id', 'artist'],
  ['venue_id', 'venue'],
] as const;

/**
 * Whether an amount may be counted, once the currency was taken: one in nobody knows what stays a prop, because as a
 * value it would pass for the site's own.
 */
export function isCurrencyKnown(left: JsonObject): boolean {
  return left.currency === undefined || left.currency === null;
}

/** The fields that any interaction may have. */
export function takeFields(from: JsonObject): Partial<Interaction> {
  const currency = take(from, ['currency'], currencyOf);
  const fields: Partial<Interaction> = {
    ...takeEntity(from),
    list_id: take(from, ['list_id'], idOf),
    position: take(from, ['position'], (value) => wholeOf(value, MAX_UINT16)),
    surface: take(from, ['surface', 'source'], idOf),
    duration_ms: take(from, ['duration_ms'], (value) => wholeOf(value, 86_400_000)),
    value: isCurrencyKnown(from) ? take(from, ['value', 'revenue', 'total'], moneyOf) : undefined,
    currency,
    quantity: take(from, ['quantity'], (value) => wholeOf(value)),
    order_id: take(from, ['order_id'], idOf),
    experiment: take(from, ['experiment'], idOf),
    variant: take(from, ['variant'], idOf),
    query: take(from, ['query'], textOf),
    search_id: take(from, ['search_id'], idOf),
  };
  return defined(fields);
}
