/**
 * Blocks of which it is certain who counts them, while a history is filled in beside rows that arrive.
 *
 * Raw has a block a moment before the view that notes it: a filling that looks in between would count what the rollup's
 * own view is about to count. So it takes down the blocks that it sees, waits until every insert that was running then
 * is over, and only then asks which of them are noted.
 */
import type { Database } from './database.ts';

/** The table that holds them. */
export const SETTLED = 'turnout.backfill_settled';

const LOOK_EVERY_MS = 50;

/**
 * Takes down the blocks that have rows in raw under a condition. Resolves when those of them that arrived since a backfill
 * began are noted, but for what an error cut off in between; earlier when the signal stops it.
 */
export async function settleBlocks(
  database: Database,
  condition: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await database.command(`DROP TABLE IF EXISTS ${SETTLED}`);
  await database.command(
    `CREATE TABLE ${SETTLED} ENGINE = Memory COMMENT 'Blocks that the next piece of a filling reads.' AS
     SELECT DISTINCT batch FROM turnout.interactions WHERE ${condition}`,
  );
  const running = new Set(await inserts(database));
  while (running.size > 0 && !signal?.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const still = new Set(await inserts(database));
    for (const id of running) if (!still.has(id)) running.delete(id);
  }
}

/** Of everybody who writes with this account; collectors of one database share theirs. */
async function inserts(database: Database): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `SELECT query_id AS id FROM system.processes
     WHERE query_kind = 'Insert' AND position(query, 'turnout.interactions') > 0`,
  );
  return rows.map(({ id }) => id);
}
