/**
 * The end of a site: every row of it goes, in every table that there is.
 *
 * The caller has made sure that nothing of the site arrives any more, and that nothing is written meanwhile. After a
 * crash the same call goes on.
 */
import { KNOWN_NAME, requireClusterName, settleReplicas } from './cluster-rows.ts';
import { countRows } from './count-rows.ts';
import type { Database } from './database.ts';
import type { ErasureProgress, ErasureReport } from './erase.ts';
import { requireInsertsOver } from './inserts-over.ts';
import { quoted } from './quoted.ts';
import { remove } from './verify-repair.ts';

/** A refresh of a rollup that had read raw before it was emptied may write once more. */
const MOST_PASSES = 5;

/**
 * Deletes everything of a site. Tombstones of people stay: they are pseudonyms and times, and keep a backup from
 * bringing anybody back.
 *
 * @throws Error when anything is left.
 */
export async function eraseSite(
  database: Database,
  siteId: string,
  onProgress: (progress: ErasureProgress) => void = () => {},
): Promise<Pick<ErasureReport, 'deleted' | 'remaining'>> {
  await requireClusterName(database, 'Removing a site');
  const condition = ofSite(siteId);
  const tables = await tablesOfSites(database);
  await requireInsertsOver(database);
  await settleReplicas(database, tables);
  const deleted: ErasureReport['deleted'] = {};
  for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
    let found = 0;
    for (const [done, table] of tables.entries()) {
      const step = pass === 1 ? 'deleting' : 'looking again';
      onProgress({ step, table, done, total: tables.length });
      const rows = await countRows(database, table, condition);
      if (rows === 0) continue;
      found += rows;
      await remove(database, { table }, condition);
      if (pass === 1) deleted[table] = rows;
    }
    if (found === 0) return { deleted, remaining: 0 };
  }
  throw new Error(`Rows of the site "${siteId}" come back again and again. Remove it again.`);
}

/** Whether any table has a row of a site. */
export async function hasRowsOf(database: Database, siteId: string): Promise<boolean> {
  for (const table of await tablesOfSites(database))
    if ((await countRows(database, table, ofSite(siteId))) > 0) return true;
  return false;
}

const ofSite = (siteId: string) => `site_id = ${quoted(siteId)}`;

/** Raw comes first: what is counted from it anew meanwhile finds nothing. */
async function tablesOfSites(database: Database): Promise<string[]> {
  const tables = await database.query<{ known: string }>(
    `SELECT ${KNOWN_NAME} AS known FROM system.tables
     WHERE database = 'turnout' AND engine LIKE '%MergeTree' AND known != 'erasures'
       AND name IN (SELECT table FROM system.columns WHERE database = 'turnout' AND name = 'site_id')
     ORDER BY known != 'interactions', known != 'touched_days', known`,
  );
  return tables.map(({ known }) => known);
}
