/**
 * Fills rollups that were made after the rows they count: a database of an earlier version has a history already.
 *
 * Rows go on coming while a history is filled, and a rollup's own view counts those. So the two must never meet: from
 * the moment a backfill begins, a view notes the blocks that arrive (`backfill_batches`), and the history is every row
 * of another block. Beginning is quick and wants the writer to rest; filling takes as long as the history is large.
 * A crash costs a repetition: a rollup that is not recorded as filled is emptied, and filled again.
 */
import { fillAtRest } from './backfill-at-rest.ts';
import { type Claim, claimBackfill } from './backfill-claim.ts';
import { isNew, recordFilled, unfilled } from './backfill-records.ts';
import { requireClusterName } from './cluster-rows.ts';
import type { Database } from './database.ts';
import { touch } from './funnel-refresh.ts';
import { SETTLED, settleBlocks } from './settled-blocks.ts';
import { daySlices } from './verify-compare.ts';
import { refill } from './verify-repair.ts';

const ARRIVED = 'turnout.backfill_batches';

/** Where a backfill is. */
export interface BackfillProgress {
  /** The rollup. */
  table: string;
  /** The pieces of it that are done, of `total`. */
  done: number;
  total: number;
}

/** What {@link beginBackfill} may be told. */
export interface BackfillOptions {
  /** Blocks that may be stored in part and will be stored again: views will count them whole. Asked again and again. */
  underWay?: () => Promise<readonly string[]>;
  /** True when no other process can reach the database: what is left of a claim was left by a crash. */
  isAlone?: boolean;
  /** Is called where filling is a part of beginning: on a cluster. */
  onProgress?: (progress: BackfillProgress) => void;
  /** Ends the waiting for another collector and, on a cluster, the filling before its next piece: the next start does it. */
  signal?: AbortSignal;
}

/** A history that waits to be filled in. */
export interface Backfill {
  /**
   * Fills, records what is filled, and makes way for the next.
   *
   * @param signal - Stops it before the next piece; the rest is for another time.
   * @throws When the database does; begin again then.
   */
  fill(onProgress?: (progress: BackfillProgress) => void, signal?: AbortSignal): Promise<void>;
}

/**
 * Empties the rollups that lack their history and has arriving blocks noted. From then on rows may be stored.
 *
 * Nobody may store rows while this runs. Where another collector has begun already, it fills, and this one may store.
 * On a cluster it fills as well, or waits for whoever does.
 *
 * @returns Undefined when nothing is to be filled any more, or somebody else does.
 */
export async function beginBackfill(
  database: Database,
  options: BackfillOptions = {},
): Promise<Backfill | undefined> {
  const missing = await unfilled(database);
  if (missing.length === 0) return undefined;
  if (await isNew(database)) {
    for (const table of missing) await recordFilled(database, table);
    return undefined;
  }
  await requireClusterName(database, 'Filling the history of new rollups');
  if (database.cluster !== undefined) {
    const underWay = (await options.underWay?.()) ?? [];
    const { isAlone = false, onProgress = () => {}, signal } = options;
    await fillAtRest(database, { underWay, isAlone, onProgress, signal });
    return undefined;
  }
  const claim = await claimBackfill(database, options.isAlone ?? false, options.signal);
  if (!claim) return undefined;

  // Whoever had the claim before may have finished in the meantime.
  const tables = await unfilled(database);
  await database.command(`DROP TABLE IF EXISTS ${ARRIVED}_mv`);
  await database.command(`DROP TABLE IF EXISTS ${ARRIVED}`);
  await database.command(
    `CREATE TABLE ${ARRIVED} (batch UUID COMMENT 'The block.') ENGINE = MergeTree ORDER BY batch
     SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
     COMMENT 'Blocks stored since a backfill began: their rows are counted by the views, not by it.'`,
  );
  const noteUnderWay = async () => {
    const blocks = ((await options.underWay?.()) ?? []).map((batch) => `('${batch}')`).join(', ');
    if (blocks !== '')
      await database.command(`INSERT INTO ${ARRIVED} SETTINGS async_insert = 0 VALUES ${blocks}`);
  };
  await noteUnderWay();
  await database.command(
    `CREATE MATERIALIZED VIEW ${ARRIVED}_mv TO ${ARRIVED} AS SELECT DISTINCT batch FROM turnout.interactions
     COMMENT 'Notes the blocks that arrive while a history is filled in.'`,
  );
  // Truncation also forgets the tokens of blocks, so a block under way is counted anew.
  for (const table of tables)
    if (table !== 'funnel_day') await database.command(`TRUNCATE TABLE turnout.${table}`);
  await claim.open();
  return {
    async fill(onProgress, signal) {
      for (const table of tables) {
        if (signal?.aborted) return;
        if (!(await fillTable(database, table, { claim, noteUnderWay, onProgress, signal }))) return;
        await recordFilled(database, table);
      }
      await database.command(`DROP TABLE IF EXISTS ${SETTLED}`);
      await database.command(`DROP TABLE IF EXISTS ${ARRIVED}_mv`);
      await database.command(`DROP TABLE IF EXISTS ${ARRIVED}`);
      await claim.release();
    },
  };
}

interface FillOptions {
  claim: Claim;
  noteUnderWay: () => Promise<void>;
  onProgress: ((progress: BackfillProgress) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** False when it was told to stop. */
async function fillTable(
  database: Database,
  table: string,
  { claim, noteUnderWay, onProgress, signal }: FillOptions,
): Promise<boolean> {
  if (table === 'funnel_day') {
    // It counts by itself: the days only have to be due.
    await touch(database, '1');
    return true;
  }
  const slices = await daySlices(database);
  for (const [done, { from, to }] of slices.entries()) {
    if (signal?.aborted) return false;
    await claim.renew();
    onProgress?.({ table, done, total: slices.length });
    const days = `local_date BETWEEN '${from}' AND '${to}'`;
    await settleBlocks(database, days, signal);
    if (signal?.aborted) return false;
    // What an error cut off between raw and the views is stored again, and its plan says so until it is stored whole.
    await noteUnderWay();
    const history = `batch IN (SELECT batch FROM ${SETTLED}) AND batch NOT IN (SELECT batch FROM ${ARRIVED})`;
    await refill(database, { table }, `${days} AND ${history}`);
  }
  return true;
}
