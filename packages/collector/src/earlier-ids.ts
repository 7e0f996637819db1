/**
 * What earlier runs took lately: from the log, where it waits, and from the table, where it is otherwise.
 *
 * With it a collector that was restarted knows a duplicate as if it had never stopped, and needs to look
 * up no more than before. Without it (the database does not answer) every row is looked up for a while.
 */
import type { Database } from '@turnout/schema/migrate';
import { recordsOf } from './block.ts';
import type { RecordKeys } from './doors/server/record-keys.ts';
import { keptKey } from './kept-keys.ts';
import type { Disk } from './log/disk.ts';
import type { Log } from './log/log.ts';
import { isInteraction, type LogRecord } from './log/record.ts';
import { createOwners, ownedName } from './owned-rows.ts';
import type { Plans } from './plan.ts';
import { KEEP_IDS_MS, MAX_EARLIER_IDS, type Recent } from './recent.ts';
import { soughtIn } from './sought.ts';

export interface EarlierIdsOptions {
  recent: Pick<Recent, 'remember'>;
  /** Is told what the keys of back ends stand for that wait in the log: the table does not have them yet. */
  recordKeys?: Pick<RecordKeys, 'remember'>;
  log: Pick<Log, 'inherited'>;
  disk: Pick<Disk, 'read'>;
  plans: Pick<Plans, 'read'>;
  database: Pick<Database, 'query'>;
  /** How many ids are read; a test has no patience for half a million. */
  maxIds?: number;
  now?: () => number;
}

/** Keys, newest first, and since when they are all that came. */
interface Earlier {
  keys: string[];
  since: number;
}

/** A start waits for no longer than that. */
const PATIENCE_SECONDS = 5;
/** No row is stored with a time before this, except by imports, and whatever they send is looked up. */
const OLDEST_DAYS = 15;

/**
 * Tells memory what earlier runs took. To be called before the writer starts: a segment that left the log
 * between the two readings would be missed.
 *
 * @throws DatabaseError and whatever the disk says; then memory is as young as before.
 */
export async function rememberEarlierIds(options: EarlierIdsOptions): Promise<void> {
  const { recent, log, now = Date.now, maxIds = MAX_EARLIER_IDS } = options;
  // A clock that was put forward since then makes the last rows look old, but the log knows when it began.
  const end = Math.min(now(), ...log.inherited().map(({ since }) => since));
  const waiting = await idsInLog(options, maxIds);
  const stored = await idsInTable(options, end - KEEP_IDS_MS, maxIds - waiting.keys.length);
  recent.remember([...stored.keys, ...waiting.keys], Math.max(stored.since, waiting.since));
}

async function idsInLog(
  { log, disk, plans, recordKeys }: Pick<EarlierIdsOptions, 'log' | 'disk' | 'plans' | 'recordKeys'>,
  most: number,
): Promise<Earlier> {
  const keys: string[] = [];
  let since = Number.POSITIVE_INFINITY;
  // Names are numbered.
  const newestFirst = [...log.inherited()].sort((a, b) => (a.name < b.name ? 1 : -1));
  for (const segment of newestFirst) {
    if (keys.length + segment.rows > most) return { keys, since };
    // What stands behind the end that a plan gives was refused when it came, and leaves with its segment:
    // who remembered it would take its retry for a duplicate, and it would be lost.
    const end = (await plans.read(segment))?.bytes ?? segment.bytes;
    const records = await recordsOf(segment, await disk.read(segment.name), end);
    const ownerOf = createOwners();
    for (const record of records) {
      const owner = ownerOf(record);
      if (owner !== undefined) keys.push(ownedName(records[owner] as LogRecord, record));
      // Lines of orders are looked up anyway: the plan may leave this one out, and the same line of somebody else stays.
      else if (record.kind === 'r' || (isInteraction(record) && !soughtIn(record).report))
        keys.push(record.key);
    }
    recordKeys?.remember(records.filter(({ kind }) => kind === 'k').map(keptKey));
    since = segment.since;
  }
  return { keys, since: Number.NEGATIVE_INFINITY };
}

async function idsInTable(
  { database }: Pick<EarlierIdsOptions, 'database'>,
  from: number,
  most: number,
): Promise<Earlier> {
  const rows = await database.query<{ key: string; ms: string }>(
    `SELECT concat(site_id, '/', toString(id)) AS key, toString(toUnixTimestamp64Milli(received_at)) AS ms
     FROM turnout.interactions
     WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
       AND ts >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') - INTERVAL ${OLDEST_DAYS} DAY
     ORDER BY received_at DESC LIMIT {most:UInt32} SETTINGS max_execution_time = ${PATIENCE_SECONDS}`,
    { from: Math.floor(from), most },
  );
  const isAll = rows.length < most;
  return {
    keys: rows.map(({ key }) => key),
    since: isAll ? from : Number(rows.at(-1)?.ms ?? Number.POSITIVE_INFINITY),
  };
}
