/**
 * Columns as the text of JSON, to be joined to a row: what the rows of a batch share is written once.
 */
import type { InteractionRow } from '@turnout/schema';

/** What JSON surely writes as it is. Other letters may need no escape either, but to tell costs as much as writing them. */
const IS_PLAIN = /^[ !#-[\]-~]*$/;

/** What stands before the value of a column, and before a text: joined once, not for every row. */
const before = new Map<string, { value: string; text: string }>();

function beforeOf(name: string): { value: string; text: string } {
  const known = before.get(name);
  if (known) return known;
  const made = { value: `,"${name}":`, text: `,"${name}":"` };
  before.set(name, made);
  return made;
}

/** Columns as `,"name":value,…` without those that are undefined; empty when all are. */
export function columnsJson(columns: Partial<InteractionRow>): string {
  let json = '';
  for (const name in columns) {
    const value = columns[name as keyof InteractionRow];
    if (value === undefined) continue;
    const { value: start, text } = beforeOf(name);
    // Nearly no text needs an escape, and looking is quicker than writing it again.
    if (typeof value === 'string')
      json = IS_PLAIN.test(value) ? `${json}${text}${value}"` : json + start + JSON.stringify(value);
    else json = json + start + (typeof value === 'number' ? value : JSON.stringify(value));
  }
  return json;
}

/** A row of columns that {@link columnsJson} wrote; the first of the parts is not empty. */
export const rowJson = (first: string, second: string, third: string): string =>
  `{${first.slice(1)}${second}${third}}`;
