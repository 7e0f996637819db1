/** Which rollups have their history: those that a record says so of, and all of a database that has no rows yet. */
import { settleReplicas } from './cluster-rows.ts';
import type { Database } from './database.ts';

/** The rollups that the first release did not have. */
const LATER = ['user_preferences', 'experiment_users', 'waitlist_day', 'searches', 'media_day', 'site_day'];

/** The rollups that may lack rows of raw. */
export async function unfilled(database: Database): Promise<string[]> {
  const recorded = await database.query<{ name: string }>('SELECT DISTINCT name FROM turnout.backfills');
  const done = new Set(recorded.map(({ name }) => name));
  return [...LATER, 'funnel_day'].filter((name) => !done.has(name));
}

/** Without a row of raw there is no history: the views count all that comes. */
export async function isNew(database: Database): Promise<boolean> {
  return (await database.query('SELECT 1 FROM turnout.interactions LIMIT 1')).length === 0;
}

/** From now on the rollup has what raw has. */
export async function recordFilled(database: Database, table: string): Promise<void> {
  await database.command(
    `INSERT INTO turnout.backfills (name, done_at) SETTINGS async_insert = 0 SELECT '${table}', now64(3)`,
  );
  await settleReplicas(database, ['backfills']);
}
