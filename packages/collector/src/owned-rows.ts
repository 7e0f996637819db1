/** Which rows came under the key of a back end: its record stands directly before them, in a request as in the log. */
import type { LogEntry, LogRecord } from './log/record.ts';

/** What a key's record says of its rows. */
interface KeyOfRows {
  site_id: string;
  ids: string[];
}

/**
 * @returns What tells of each record, in order, which key it came under: the index of the key's record, or undefined for
 * whatever came without one.
 */
export function createOwners(): (
  record: Pick<LogEntry | LogRecord, 'kind' | 'key' | 'json'>,
) => number | undefined {
  let index = -1;
  let owner = 0;
  let rows = new Set<string>();
  return ({ kind, key, json }) => {
    index += 1;
    if (kind === 'k') {
      const { site_id, ids } = JSON.parse(String(json)) as KeyOfRows;
      owner = index;
      rows = new Set(ids.map((id) => `${site_id}/${id}`));
      return undefined;
    }
    if (rows.delete(key)) return owner;
    // Whatever comes behind them is no part of the record.
    if (rows.size > 0) rows = new Set();
    return undefined;
  };
}

/** What memory knows a row by that came under a key. */
export const ownedName = (owner: { key: string }, { key }: { key: string }) => `${owner.key} ${key}`;
