/**
 * Changing rows on one server and on a cluster: where a statement has to go so that it reaches every shard, and what
 * has to be waited for so that every replica reads the same.
 */
import { isSharded } from './cluster.ts';
import type { Database } from './database.ts';

/** What `ALTER TABLE` and `OPTIMIZE TABLE` name: the table itself, or the rows of it on each shard. */
export function rowsOf(database: Pick<Database, 'cluster'>, table: string): string {
  // A copied table has one path in Keeper for all machines: what one is told, all do.
  return database.cluster === undefined || !isSharded(table)
    ? `turnout.${table}`
    : `turnout.${table}_local ON CLUSTER '${database.cluster}'`;
}

/** Resolves when every replica has all that was inserted into some tables. On one server there is nothing to wait for. */
export async function settleReplicas(database: Database, tables: readonly string[]): Promise<void> {
  const { cluster } = database;
  if (cluster === undefined) return;
  for (const table of tables) {
    const name = isSharded(table) ? `${table}_local` : table;
    await database.command(`SYSTEM SYNC REPLICA ON CLUSTER '${cluster}' turnout.${name}`);
  }
}

/** The tables that hold rows, by the names that readers know. */
export const KNOWN_NAME = `replaceRegexpOne(name, '_local$', '')`;

/**
 * Refuses to change rows of a cluster where the setting that names it is missing: a statement would reach the shard
 * that was asked, and no other.
 *
 * @throws When the tables are those of a cluster and the database is told of none.
 */
export async function requireClusterName(database: Database, what: string): Promise<void> {
  if (database.cluster !== undefined) return;
  const [local] = await database.query(
    `SELECT 1 FROM system.tables WHERE database = 'turnout' AND name = 'interactions_local'`,
  );
  if (local) {
    throw new Error(
      `${what} would reach one shard only, so nothing was done: the tables are those of a cluster. Set TURNOUT_CLICKHOUSE_CLUSTER to its name.`,
    );
  }
}
