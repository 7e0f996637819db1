import type { Database } from '@turnout/schema/migrate';
import type { Plan } from './plan.ts';

/**
 * The tables remember the tokens of their last 10,000 blocks (`non_replicated_deduplication_window`), and
 * a block over two months takes two places: half of that is safely within.
 */
const SAFE_BLOCKS = 5_000;
/** Nobody writes that many blocks in ten minutes, so a fresh plan needs no question. */
const SURELY_FRESH_MS = 10 * 60_000;

/**
 * True when so many blocks came after a plan that the tables may have forgotten its token. The same block
 * again would then be counted again.
 */
export async function isStale(database: Pick<Database, 'query'>, plan: Plan, now: number): Promise<boolean> {
  if (now - plan.planned_at < SURELY_FRESH_MS) return false;
  const [row] = await database.query<{ blocks: string }>(
    `SELECT toString(uniqExact(batch)) AS blocks FROM turnout.interactions
     WHERE received_at >= fromUnixTimestamp64Milli({since:Int64})`,
    { since: plan.planned_at },
  );
  return Number(row?.blocks) > SAFE_BLOCKS;
}
