/**
 * Rebuilds the parts of a rollup that differ from raw.
 *
 * What is wrong goes first, then it is computed again from raw by the rollup's own view. A crash in between
 * leaves a gap, which the next verification finds and fills: nothing but raw is needed to start over.
 */
import { COPIED_ENGINE } from './cluster.ts';
import { rowsOf, settleReplicas } from './cluster-rows.ts';
import type { Database } from './database.ts';
import { recountFunnel } from './funnel-refresh.ts';
import { quoted } from './quoted.ts';
import type { Rollup } from './recount.ts';
import { differingRows, type Finding, type Slice } from './verify-compare.ts';

/** Rebuilds what {@link Finding}s say of a slice. */
export async function repair(
  database: Database,
  rollup: Rollup,
  slice: Slice,
  findings: Finding[],
): Promise<void> {
  if (rollup.by === 'day') {
    const days = findings.map(({ site_id, date }) => `(${quoted(site_id)}, ${quoted(date)})`).join(', ');
    await remove(database, rollup, `(site_id, toString(date)) IN (${days})`);
    if (rollup.valid) {
      await recountFunnel(database, `(site_id, toString(local_date)) IN (${days})`);
      return;
    }
    await refill(database, rollup, `(site_id, toString(local_date)) IN (${days})`);
    return;
  }

  // The keys stay in the engine: there may be millions. Memory, because a repair that is cut off starts over.
  const keys = 'turnout.verify_keys';
  const rebuildable =
    rollup.rebuildableDays === undefined
      ? ''
      : `WHERE since >= now() - INTERVAL ${rollup.rebuildableDays} DAY`;
  const on = database.cluster === undefined ? '' : ` ON CLUSTER '${database.cluster}'`;
  const drop = () => database.command(`DROP TABLE IF EXISTS ${keys}${on}${on && ' SYNC'}`);
  await drop();
  await database.command(
    `CREATE TABLE ${keys}${on} (site_id String COMMENT 'The site.', key String COMMENT 'What names the row.')
     ENGINE = ${on ? `${COPIED_ENGINE} ORDER BY (site_id, key)` : 'Memory'} COMMENT 'What turnout verify is about to rebuild.'`,
  );
  await database.command(
    `INSERT INTO ${keys} SELECT site_id, key[1] AS key FROM (${await differingRows(database, rollup, slice)}) ${rebuildable}
     SETTINGS async_insert = 0`,
  );
  await settleReplicas(database, ['verify_keys']);
  const listed = (key: string) => `(site_id, toString(${key})) IN (SELECT site_id, key FROM ${keys})`;
  await remove(database, rollup, listed(rollup.by.rollup));
  await refill(database, rollup, listed(rollup.by.raw));
  await drop();
}

/** Merges rows of raw that share a key, in the months that have any: they are one interaction. */
export async function mergeDuplicates(database: Database): Promise<void> {
  const months = await database.query<{ month: string }>(
    `SELECT DISTINCT toString(month) AS month FROM (
       SELECT toYYYYMM(ts) AS month FROM turnout.interactions
       GROUP BY month, site_id, id_day, type, user_key, id HAVING count() > 1)`,
  );
  for (const { month } of months) {
    await database.command(`OPTIMIZE TABLE ${rowsOf(database, 'interactions')} PARTITION ${month} FINAL`);
  }
}

/** Deletes rows, and resolves when they are gone. */
export async function remove(
  database: Database,
  rollup: Pick<Rollup, 'table'>,
  condition: string,
): Promise<void> {
  await database.command(
    `ALTER TABLE ${rowsOf(database, rollup.table)} DELETE WHERE ${condition} SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1`,
  );
}

/** Computes the part of a rollup that comes from the raw rows of a condition, by the rollup's own view. */
export async function refill(
  database: Database,
  rollup: Pick<Rollup, 'table'>,
  condition: string,
): Promise<void> {
  const [view] = await database.query<{ select: string }>(
    `SELECT as_select AS select FROM system.tables WHERE database = 'turnout' AND name = {name:String}`,
    { name: `${rollup.table}_mv` },
  );
  if (!view) {
    throw new Error(
      `verify: the view turnout.${rollup.table}_mv is missing. Run \`turnout migrate\` and verify again.`,
    );
  }
  const columns = await database.query<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = 'turnout' AND table = {table:String} ORDER BY position`,
    { table: rollup.table },
  );
  const names = columns.map(({ name }) => name).join(', ');
  if (database.cluster !== undefined) {
    await refillShards(database, rollup.table, names, view.select, condition);
    return;
  }
  // The view's text stays as it is; the settings narrow what it reads, and count a duplicate of raw once.
  await database.command(
    `INSERT INTO turnout.${rollup.table} (${names}) SELECT ${names} FROM (${view.select})
     SETTINGS additional_table_filters = {'turnout.interactions': ${quoted(condition)}}, final = 1,
       insert_deduplicate = 0, async_insert = 0`,
  );
}

/**
 * The view of a shard reads the rows of its shard: here it reads those of all, and what it makes goes to the shard
 * of its person, or to any where readers add up.
 */
async function refillShards(
  database: Database,
  table: string,
  names: string,
  select: string,
  condition: string,
): Promise<void> {
  await settleReplicas(database, ['interactions']);
  const computed = await database.query<{ name: string }>(
    `SELECT name FROM system.columns
     WHERE database = 'turnout' AND table = 'interactions_local' AND default_kind = 'MATERIALIZED' ORDER BY position`,
  );
  const columns = ['*', ...computed.map(({ name }) => name)].join(', ');
  // Said in the text, and not by a setting that each shard would have to apply to a table of another name.
  const rows = `(SELECT ${columns} FROM turnout.interactions FINAL WHERE ${condition})`;
  const of = /\bFROM turnout\.interactions_local\b/g;
  if (!of.test(select)) throw new Error(`verify: the view turnout.${table}_mv does not read interactions.`);
  await database.command(
    `INSERT INTO turnout.${table} (${names}) SELECT ${names} FROM (${select.replaceAll(of, () => `FROM ${rows}`)})
     SETTINGS insert_deduplicate = 0, async_insert = 0, distributed_foreground_insert = 1, insert_quorum = 'auto'`,
  );
  await settleReplicas(database, [table]);
}
