/** The keys of back ends on their way through the log into their table, and back from there. */
import type { Database } from '@turnout/schema/migrate';
import { chunks } from './chunks.ts';
import { utcTime } from './local-date.ts';
import type { LogEntry, LogRecord } from './log/record.ts';
import { createOwners } from './owned-rows.ts';

/** A row of `record_keys`. */
export interface KeptKey {
  site_id: string;
  /** A UUID: of the kind of record and its key. */
  record_key: string;
  /** 32 bits of all that the record says. */
  content: number;
  /** The interactions that it became. */
  ids: string[];
  used_at: string;
}

/** Why a record was not kept whose key stands for another one. */
export const KEY_CONFLICT =
  'This key came before with another record, which was kept; this one was not. Send a record again as it was, and give another record a key of its own.';

/** An address holds far more, but not at the edge. */
const KEYS_A_QUERY = 100;

export function keyEntry(key: Omit<KeptKey, 'used_at'>, at: number): LogEntry {
  const row: KeptKey = { ...key, used_at: utcTime(at) };
  const { site_id, record_key, content, ids } = key;
  return { kind: 'k', key: `${site_id}/key:${record_key}:${content}:${ids[0]}`, json: JSON.stringify(row) };
}

export const keptKey = ({ json }: Pick<LogRecord, 'json'>) => JSON.parse(json.toString('utf8')) as KeptKey;

/** What each key was first used for, as far as it is stored. */
export async function storedKeys(
  database: Pick<Database, 'query'>,
  siteId: string,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const part of chunks([...new Set(keys)], KEYS_A_QUERY)) {
    const rows = await database.query<{ name: string; first: number }>(
      `SELECT toString(record_key) AS name, argMin(content, used_at) AS first FROM turnout.record_keys
       WHERE site_id = {site:String} AND record_key IN {keys:Array(UUID)} GROUP BY record_key`,
      { site: siteId, keys: part },
      signal,
    );
    for (const { name, first } of rows) found.set(name, first);
  }
  return found;
}

/**
 * Indexes of records that came under a key which stands for another one, and of those keys: another collector took the
 * first, or this one could not look. The first stays.
 */
export async function findConflicting(
  database: Pick<Database, 'query'>,
  records: readonly LogRecord[],
): Promise<number[]> {
  const keys = [...records.keys()].flatMap((index) => {
    const record = records[index] as LogRecord;
    return record.kind === 'k' ? [{ index, ...keptKey(record) }] : [];
  });
  if (keys.length === 0) return [];
  const conflicting = new Set<number>();
  for (const site of new Set(keys.map(({ site_id }) => site_id))) {
    const ofSite = keys.filter(({ site_id }) => site_id === site);
    const first = await storedKeys(
      database,
      site,
      ofSite.map(({ record_key }) => record_key),
    );
    for (const { index, record_key, content } of ofSite) {
      const stored = first.get(record_key);
      // In one block, too, the first is the first.
      if (stored === undefined) first.set(record_key, content);
      else if (stored !== content) conflicting.add(index);
    }
  }
  if (conflicting.size === 0) return [];
  // What came by another way as well stays: only the rows behind such a key leave with it.
  const ownerOf = createOwners();
  for (const [index, record] of records.entries())
    if (conflicting.has(ownerOf(record) ?? -1)) conflicting.add(index);
  return [...conflicting];
}
