/**
 * Fills rollups that were made after the rows they count: a database of an earlier version has a history already.
 *
 * Runs at the end of the migrations, before the writer stores anything: batches are acknowledged meanwhile and wait
 * in the log. A crash costs a repetition: a rollup that is not recorded as filled is emptied and filled again.
 */
import type { Database } from './database.ts';
import { touch } from './funnel-refresh.ts';
import { daySlices } from './verify-compare.ts';
import { refill } from './verify-repair.ts';

/** The rollups that the first release did not have. */
const LATER = ['user_preferences', 'experiment_users', 'waitlist_day', 'searches'];

/** Where a backfill is. */
export interface BackfillProgress {
  /** The rollup. */
  table: string;
  /** The pieces of it that are done, of `total`. */
  done: number;
  total: number;
}

/** Fills every rollup that is not recorded as filled, and records it. */
export async function backfill(
  database: Database,
  onProgress?: (progress: BackfillProgress) => void,
): Promise<void> {
  const recorded = await database.query<{ name: string }>('SELECT DISTINCT name FROM turnout.backfills');
  const done = new Set(recorded.map(({ name }) => name));
  const missing = [...LATER, 'funnel_day'].filter((name) => !done.has(name));
  if (missing.length === 0) return;

  const slices = await daySlices(database);
  for (const table of missing) {
    if (table === 'funnel_day') {
      // It counts by itself: the days only have to be due.
      await touch(database, '1');
    } else if (slices.length > 0) {
      await database.command(`TRUNCATE TABLE turnout.${table}`);
      for (const [index, { from, to }] of slices.entries()) {
        onProgress?.({ table, done: index, total: slices.length });
        await refill(database, { table }, `local_date BETWEEN '${from}' AND '${to}'`);
      }
    }
    await database.command(
      `INSERT INTO turnout.backfills (name, done_at) SETTINGS async_insert = 0 SELECT '${table}', now64(3)`,
    );
  }
}
