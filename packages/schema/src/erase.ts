/**
 * Erasure: everything the tables hold about some people goes, and what counted them is counted anew.
 *
 * The caller has made sure that nothing of theirs arrives any more, and that nothing is written meanwhile. Each
 * step may be repeated: after a crash the same call goes on.
 */
import { KNOWN_NAME, requireClusterName, settleReplicas } from './cluster-rows.ts';
import { countRows } from './count-rows.ts';
import type { Database } from './database.ts';
import { recountFunnel } from './funnel-refresh.ts';
import { requireInsertsOver } from './inserts-over.ts';
import { quoted } from './quoted.ts';
import { HORIZON } from './verify-compare.ts';
import { refill, remove } from './verify-repair.ts';
import { ROLLUPS } from './verify-rollups.ts';

export type { Database } from './database.ts';
export { eraseSite, hasRowsOf } from './erase-site.ts';

/** Who is erased. */
export interface ErasureOrder {
  /** A UUID: the same again continues an erasure that was cut off. */
  id: string;
  site_id: string;
  /** Decimal text, as everywhere. */
  user_keys: readonly string[];
  /** Ms since 1970: what was recorded until then goes. */
  at: number;
}

/** Where an erasure is. */
export interface ErasureProgress {
  step: 'noting' | 'deleting' | 'counting anew' | 'looking again';
  /** The table that it is about. */
  table: string;
  done: number;
  total: number;
}

/** What an erasure did. */
export interface ErasureReport {
  /** Rows that were deleted, by table. An erasure that was cut off reports what was left to delete. */
  deleted: { [table: string]: number };
  /** Days that were counted anew. */
  days: number;
  /** Rows that are left; an erasure that leaves any fails. */
  remaining: 0;
}

const KEYS_A_STATEMENT = 5_000;
/** Days are counted anew a few at a time, which bounds the memory. */
const DAYS_AT_ONCE = 31;
/** Text of a session id is kept 90 days; an older session cannot be counted again. */
const SESSION_DAYS = 89;

/** Writes whom nothing may be taken of any more: other collectors read it. */
export async function recordErasure(database: Database, order: ErasureOrder): Promise<void> {
  for (let from = 0; from < order.user_keys.length; from += KEYS_A_STATEMENT) {
    const rows = order.user_keys
      .slice(from, from + KEYS_A_STATEMENT)
      .map(
        (key) => `('${order.id}', ${quoted(order.site_id)}, ${BigInt(key)}, ${order.at / 1000}, now64(3))`,
      );
    await database.command(
      `INSERT INTO turnout.erasures (erasure_id, site_id, user_key, at, recorded_at)
       SETTINGS async_insert = 0, insert_deduplicate = 0 VALUES ${rows.join(', ')}`,
    );
  }
}

/**
 * Deletes everything about some people and counts anew what they were counted in.
 *
 * @throws Error when anything of theirs is left.
 */
export async function erase(
  database: Database,
  order: ErasureOrder,
  onProgress: (progress: ErasureProgress) => void = () => {},
): Promise<ErasureReport> {
  await requireClusterName(database, 'Erasing people');
  await recordErasure(database, order);
  const them = `SELECT site_id, user_key FROM turnout.erasures WHERE erasure_id = '${order.id}'`;
  const scope = (columns: string, kind: string) =>
    `SELECT ${columns} FROM turnout.erasure_scope WHERE erasure_id = '${order.id}' AND kind = '${kind}'`;

  onProgress({ step: 'noting', table: 'interactions', done: 0, total: 1 });
  await requireInsertsOver(database);
  await settleReplicas(database, ['erasures', 'interactions']);
  await noteScope(database, order.id, them);
  // Each replica looks up for itself who and what is to go.
  await settleReplicas(database, ['erasure_scope']);

  const targets = await targetsOf(database, them, scope('site_id, session_key', 'session'));
  const deleted: ErasureReport['deleted'] = {};
  for (const [done, { table, condition }] of targets.entries()) {
    onProgress({ step: 'deleting', table, done, total: targets.length });
    const rows = await countRows(database, table, condition);
    if (rows > 0) deleted[table] = rows;
    if (rows > 0) await remove(database, { table }, condition);
  }

  const days = await database.query<{ day: string }>(
    `SELECT DISTINCT toString(date) AS day FROM (${scope('date', 'day')}) ORDER BY day`,
  );
  const rollups = ROLLUPS.filter(
    ({ by, key }) => by === 'day' && !key.some(({ column }) => column === 'user_key'),
  );
  for (const rollup of rollups) {
    for (let done = 0; done < days.length; done += DAYS_AT_ONCE) {
      onProgress({ step: 'counting anew', table: rollup.table, done, total: days.length });
      const listed = days.slice(done, done + DAYS_AT_ONCE).map(({ day }) => quoted(day));
      const condition = (column: string) =>
        `site_id = ${quoted(order.site_id)} AND toString(${column}) IN (${listed.join(', ')})`;
      await remove(database, rollup, condition('date'));
      if (rollup.valid) await recountFunnel(database, condition('local_date'));
      else await refill(database, rollup, condition('local_date'));
    }
  }
  onProgress({ step: 'counting anew', table: 'sessions', done: 0, total: 1 });
  // Sessions that others were part of, too: a browser that two people share.
  await refill(
    database,
    { table: 'sessions' },
    `(site_id, session_key) IN (${scope('site_id, session_key', 'session')})`,
  );

  await lookAgain(database, targets, onProgress);
  await remove(database, { table: 'erasure_scope' }, `erasure_id = '${order.id}'`);
  return { deleted, days: days.length, remaining: 0 };
}

/** Notes the days and sessions that the people were part of, as long as raw tells. */
async function noteScope(database: Database, id: string, them: string): Promise<void> {
  const into = `INSERT INTO turnout.erasure_scope (erasure_id, kind, site_id, date, session_key)`;
  const settings = 'SETTINGS async_insert = 0, insert_deduplicate = 0';
  // What raw may have forgotten in part cannot be counted again, and stays.
  await database.command(
    `${into} SELECT DISTINCT toUUID('${id}'), 'day', site_id, local_date, 0 FROM turnout.interactions
     WHERE (site_id, user_key) IN (${them}) AND local_date >= ${HORIZON} ${settings}`,
  );
  await database.command(
    `${into} SELECT toUUID('${id}'), 'session', site_id, toDate(0), session_key FROM turnout.interactions
     WHERE (site_id, session_key) IN (
       SELECT site_id, session_key FROM turnout.interactions WHERE (site_id, user_key) IN (${them}) AND session_key != sipHash64('')
     )
     GROUP BY site_id, session_key
     HAVING max(ts) >= now() - INTERVAL ${SESSION_DAYS} DAY OR countIf((site_id, user_key) NOT IN (${them})) = 0 ${settings}`,
  );
}

interface Target {
  table: string;
  /** Selects what goes. */
  condition: string;
}

/** Every table with people in it, those of later versions included. Raw comes last: it tells what to do. */
async function targetsOf(database: Database, them: string, sessions: string): Promise<Target[]> {
  const tables = await database.query<{ known: string }>(
    `SELECT ${KNOWN_NAME} AS known FROM system.tables
     WHERE database = 'turnout' AND engine LIKE '%MergeTree' AND known NOT IN ('erasures', 'interactions')
       AND name IN (SELECT table FROM system.columns WHERE database = 'turnout' AND name = 'user_key')
       AND name IN (SELECT table FROM system.columns WHERE database = 'turnout' AND name = 'site_id')
     ORDER BY known`,
  );
  const theirs = (column: string) => `(site_id, ${column}) IN (${them})`;
  return [
    ...tables.map(({ known }) => ({
      table: known,
      condition:
        known === 'identity_links' ? `${theirs('user_key')} OR ${theirs('visitor_key')}` : theirs('user_key'),
    })),
    {
      table: 'sessions',
      condition: `(site_id, sipHash64(session_id)) IN (${sessions}) OR ${theirs('owner.user_key')}`,
    },
    { table: 'interactions', condition: theirs('user_key') },
  ];
}

async function lookAgain(
  database: Database,
  targets: readonly Target[],
  onProgress: (progress: ErasureProgress) => void,
): Promise<void> {
  for (const [done, { table, condition }] of targets.entries()) {
    onProgress({ step: 'looking again', table, done, total: targets.length });
    // Sessions that others were part of are there again, without them: only their own would be left over.
    const theirs = table === 'sessions' ? condition.slice(condition.indexOf(' OR ') + 4) : condition;
    const rows = await countRows(database, table, theirs);
    if (rows > 0) throw new Error(`erase: ${rows} rows are left in turnout.${table}. Erase again.`);
  }
}
