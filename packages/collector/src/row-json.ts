/**
 * Columns as the text of JSON, to be joined to a row: what the rows of a batch share is written once.
 */
import type { InteractionRow } from '@turnout/schema';

/** What JSON writes otherwise than it is, or might. */
const NEEDS_ESCAPES = /["\\\p{Cc}\ud800-\udfff]/u;

/** Columns as `,"name":value,…` without those that are undefined; empty when all are. */
export function columnsJson(columns: Partial<InteractionRow>): string {
  let json = '';
  for (const name in columns) {
    const value = columns[name as keyof InteractionRow];
    if (value === undefined) continue;
    // Nearly no text needs an escape, and looking is quicker than writing it again.
    if (typeof value === 'string')
      json += NEEDS_ESCAPES.test(value) ? `,"${name}":${JSON.stringify(value)}` : `,"${name}":"${value}"`;
    else json += `,"${name}":${typeof value === 'number' ? value : JSON.stringify(value)}`;
  }
  return json;
}

/** A row of columns that {@link columnsJson} wrote; the first of the parts is not empty. */
export const rowJson = (first: string, second: string, third: string): string =>
  `{${first.slice(1)}${second}${third}}`;
