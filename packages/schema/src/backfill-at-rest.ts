/**
 * Fills rollups on a cluster, while nothing is stored: collectors take batches into their logs meanwhile, and store them
 * when it is done. Beside arriving rows, as on one server, it would be a race between machines (docs/decisions/0013).
 *
 * That nothing is stored is not taken on trust: a collector of the version before knows nothing of this. What it stores
 * meanwhile may be counted twice, so nothing is recorded as filled unless raw is the same at the end as before.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { recordFilled, unfilled } from './backfill-records.ts';
import { type ClusterClaim, claimOnCluster } from './cluster-claim.ts';
import { rowsOf, settleReplicas } from './cluster-rows.ts';
import type { Database } from './database.ts';
import { touch } from './funnel-refresh.ts';
import { daySlices } from './verify-compare.ts';
import { refill } from './verify-repair.ts';

/** What {@link fillAtRest} may be told. */
export interface RestOptions {
  /** Blocks that are stored in part and will be stored again: their rows are left to the views. */
  underWay: readonly string[];
  isAlone: boolean;
  onProgress: (progress: { table: string; done: number; total: number }) => void;
  signal: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 200;

/**
 * Resolves when every rollup has its history, whoever filled it: rows may be stored then.
 *
 * @throws When rows were stored meanwhile, another collector took over, the signal stopped it, or the database fails.
 *   It begins anew the next time.
 */
export async function fillAtRest(database: Database, options: RestOptions): Promise<void> {
  const claim = await claimOnCluster(database, options.isAlone, options.signal);
  if (!claim) throw stopped();
  try {
    await settleReplicas(database, ['backfills']);
    // Whoever had the claim before may have filled them.
    const tables = await unfilled(database);
    if (tables.length > 0) await fill(database, tables, claim, options);
  } finally {
    await claim.release().catch(() => {
      // The database is away: the claim is free a minute after its owner was last heard of.
    });
  }
}

async function fill(
  database: Database,
  tables: readonly string[],
  claim: ClusterClaim,
  { underWay, onProgress, signal }: RestOptions,
): Promise<void> {
  // In this order: what reached raw before has its inserts waited for, and what reaches it later is seen at the end.
  const before = await storedIn(database);
  await insertsOver(database, signal);
  const requireRest = async () => {
    if (signal?.aborted) throw stopped();
    await claim.check();
    if ((await storedIn(database)) !== before)
      throw new Error(
        'backfill: rows were stored while the history of new rollups was filled in, so it is filled in anew. Stop the collectors of the version before; this one takes batches meanwhile.',
      );
  };
  await settleReplicas(database, ['interactions']);
  const counted = underWay.map((batch) => `toUUID('${batch}')`).join(', ');
  const isHistory = counted === '' ? '' : ` AND batch NOT IN (${counted})`;
  for (const table of tables) {
    await requireRest();
    if (table === 'funnel_day') {
      // It counts by itself: the days only have to be due.
      await touch(database, '1');
      await recordFilled(database, table);
      continue;
    }
    await database.command(`TRUNCATE TABLE ${rowsOf(database, table)}`);
    await settleReplicas(database, [table]);
    const slices = await daySlices(database);
    for (const [done, { from, to }] of slices.entries()) {
      await requireRest();
      onProgress({ table, done, total: slices.length });
      await refill(database, { table }, `local_date BETWEEN '${from}' AND '${to}'${isHistory}`);
    }
    await requireRest();
    await recordFilled(database, table);
  }
}

const stopped = () =>
  new Error('backfill: stopped before the history was filled in; the next start fills it.');

/** What the machines have of raw. Every insert makes a part with a higher number, and a merge does not. */
async function storedIn(database: Database): Promise<string> {
  const [row] = await database.query<{ stored: string }>(
    `SELECT toString(arraySort(groupArray((shard, partition, latest)))) AS stored FROM (
       SELECT _shard_num AS shard, partition, max(max_block_number) AS latest
       FROM clusterAllReplicas('${database.cluster}', system.parts)
       WHERE database = 'turnout' AND table = 'interactions_local' AND active GROUP BY shard, partition)`,
  );
  return String(row?.stored);
}

/** Resolves when every insert that runs now, on any machine, is over: it may be between raw and its rollups. */
async function insertsOver(database: Database, signal: AbortSignal | undefined): Promise<void> {
  const look = async () => {
    const running = await database.query<{ id: string }>(
      `SELECT query_id AS id FROM clusterAllReplicas('${database.cluster}', system.processes)
       WHERE query_kind = 'Insert' AND position(query, 'turnout.') > 0`,
    );
    return new Set(running.map(({ id }) => id));
  };
  let running = await look();
  while (running.size > 0 && !signal?.aborted) {
    await wait(LOOK_EVERY_MS);
    const still = await look();
    running = new Set([...running].filter((id) => still.has(id)));
  }
}
