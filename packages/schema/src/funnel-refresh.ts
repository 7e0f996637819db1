/**
 * The funnel is counted anew by a refreshable view, a few minutes after a day got rows. Whoever cannot wait that
 * long asks here.
 */
import type { Database } from './database.ts';

const VIEW = 'turnout.funnel_day_mv';
/** A refresh that began by itself, before the rows came, counts for nothing: only several of them are a standstill. */
const MAX_STALLS = 5;

/** Resolves when `funnel_day` knows every row that is stored. */
export async function settleFunnel(database: Database): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  let stalls = 0;
  for (;;) {
    const due = await daysDue(database);
    if (due === 0) return;
    // A refresh that does not get on would otherwise be repeated for ever.
    stalls = due < before ? 0 : stalls + 1;
    if (stalls > MAX_STALLS) {
      throw new Error(
        `verify: ${VIEW} leaves ${due} days uncounted. Look into system.view_refreshes, or store nothing meanwhile.`,
      );
    }
    before = due;
    await database.command(`SYSTEM REFRESH VIEW ${VIEW}`);
    await database.command(`SYSTEM WAIT VIEW ${VIEW}`);
  }
}

/** Has the days of some raw rows counted anew. */
export async function recountFunnel(database: Database, condition: string): Promise<void> {
  await touch(database, condition);
  await settleFunnel(database);
}

/** Marks the days of some raw rows as due: they are counted at the next refresh. */
export async function touch(database: Database, condition: string): Promise<void> {
  await database.command(
    `INSERT INTO turnout.touched_days (site_id, date, touched_at)
     SELECT DISTINCT site_id, local_date, now64(3, 'UTC') FROM turnout.interactions
     WHERE is_bot = 0 AND env = 'production' AND ${condition}
     SETTINGS async_insert = 0, insert_deduplicate = 0`,
  );
}

async function daysDue(database: Database): Promise<number> {
  const [row] = await database.query<{ days: string }>(
    `SELECT toString(count()) AS days
     FROM (SELECT t.site_id AS site_id, t.date AS date, max(t.touched_at) AS touched FROM turnout.touched_days AS t GROUP BY site_id, date) AS days
     LEFT JOIN (SELECT f.site_id AS site_id, f.date AS date, max(f.computed_at) AS computed FROM turnout.funnel_day AS f GROUP BY site_id, date) AS counts
     ON days.site_id = counts.site_id AND days.date = counts.date
     WHERE days.touched >= counts.computed`,
  );
  return Number(row?.days);
}
