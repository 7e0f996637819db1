import { type InteractionRow, type Json, MAX_ID_LENGTH } from '@turnout/schema';
import type { Warn } from './warnings.ts';

type Props = { [key: string]: Json };

/** Props that have a column of their own, each with what makes its value fit, or undefined. */
const COLUMNS = {
  artist_id: readId,
  venue_id: readId,
  genre: readId,
  event_date: readDate,
  price_min: readPrice,
  price_max: readPrice,
  ticket_provider: readId,
  rating: (value) => readNumber(value, 10),
} satisfies { [column in keyof InteractionRow]?: (value: Json) => string | undefined };

type Columns = Pick<InteractionRow, keyof typeof COLUMNS>;

const NONE: ReadonlySet<string> = new Set();
/** Their columns are in the currency of the site. */
export const PRICES: ReadonlySet<string> = new Set(['price_min', 'price_max']);

/**
 * Moves well-known props into their columns. One that does not fit stays where it is, with a warning:
 * nothing that was sent is lost.
 *
 * @param left - Props that stay where they are, whatever they say.
 * @returns The columns, and what is left of the props, undefined when nothing is.
 */
export function splitProps(
  props: Props,
  warn: Warn,
  left = NONE,
): { columns: Columns; rest: Props | undefined } {
  const columns: Columns = {};
  const rest: Props = {};
  for (const [key, value] of Object.entries(props)) {
    const read = Object.hasOwn(COLUMNS, key) && !left.has(key) ? COLUMNS[key as keyof Columns] : undefined;
    const column = read?.(value);
    if (column !== undefined) {
      columns[key as keyof Columns] = column;
    } else {
      rest[key] = value;
      if (read && value !== null) {
        warn('invalid_prop');
      }
    }
  }
  return { columns, rest: Object.keys(rest).length > 0 ? rest : undefined };
}

/** A number as decimal text with at most four places: the columns are decimals, not floats. */
export function decimal(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value === 0 ? '0' : String(value);
  const text = value.toFixed(4).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

function readId(value: Json): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.length > 0 && text.length <= MAX_ID_LENGTH ? text : undefined;
}

/** A date, or the date of an ISO time as it is written: a concert's day is the day on the poster. */
function readDate(value: Json): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (datesRead.has(value)) return datesRead.get(value);
  const date = parseDate(value);
  if (datesRead.size >= MAX_DATES_READ) datesRead.clear();
  if (value.length <= MAX_DATE_LENGTH) datesRead.set(value, date);
  return date;
}

/** The same concerts are shown again and again: what their dates read as is remembered. */
const datesRead = new Map<string, string | undefined>();
const MAX_DATES_READ = 10_000;
const MAX_DATE_LENGTH = 40;

function parseDate(value: string): string | undefined {
  const date = /^(\d{4}-\d{2}-\d{2})(?:$|[T ])/.exec(value)?.[1];
  const ms = date === undefined ? Number.NaN : Date.parse(date);
  // The calendar rolls February 31 over, and the column holds 1970 to 2149.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date ?? '') && isInColumn(date)
    ? date
    : undefined;
}

function isInColumn(date = ''): boolean {
  return date >= '1970-01-01' && date < '2149-01-01';
}

function readPrice(value: Json): string | undefined {
  return readNumber(value, 1e12);
}

/** Attributes of a page carry numbers as text, so text that is a plain number will do. */
function readNumber(value: Json, max: number): string | undefined {
  const number = typeof value === 'string' && /^\d{1,13}(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= max ? decimal(number) : undefined;
}
