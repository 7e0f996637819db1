import type { Database } from '@turnout/schema/migrate';
import { CAPS, type CappedColumn, type Caps, MAX_PROP_PATHS } from './caps.ts';

/** Of the newest rows: enough to find what a site uses every day, and read in a moment. */
const ROWS = 200_000;

/** Tells the caps what sites have sent this month, most used first: a restart gives nobody a second helping. */
export async function readCapped(database: Pick<Database, 'query'>, caps: Caps): Promise<void> {
  const month = new Date().toISOString().slice(0, 7);
  const recent = `(SELECT * FROM turnout.interactions WHERE toYYYYMM(ts) = toYYYYMM(now('UTC')) AND id_day >= today() - 2 LIMIT ${ROWS})`;
  const columns = Object.entries(CAPS).map(([column, limit]) => ({
    column,
    limit,
    values: `toString(${column})`,
  }));
  for (const { column, limit, values } of [
    ...columns,
    { column: 'props', limit: MAX_PROP_PATHS, values: 'arrayJoin(JSONAllPaths(props))' },
  ]) {
    const found = await database.query<{ site: string; seen: string[] }>(
      `SELECT site, groupArray(value) AS seen FROM (
         SELECT toString(site_id) AS site, ${values} AS value, count() AS times FROM ${recent}
         GROUP BY site, value HAVING value NOT IN ('', '(other)') ORDER BY times DESC LIMIT ${limit} BY site
       ) GROUP BY site`,
    );
    for (const { site, seen } of found) caps.learn(site, column as CappedColumn, seen, month);
  }
}
