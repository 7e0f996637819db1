/**
 * Migrations: `migrations/0001_….sql`, one statement a file, applied in order and each once.
 *
 * Every statement is IF NOT EXISTS or otherwise harmless to repeat, so a crash between a statement and its
 * record, or two collectors that start at once, cost a repetition and nothing else. Rollups that are new are then
 * filled from raw (`backfill.ts`).
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type BackfillProgress, beginBackfill } from './backfill.ts';
import { forCluster } from './cluster.ts';
import type { Database } from './database.ts';

export { type Backfill, type BackfillProgress, beginBackfill } from './backfill.ts';
export { CLUSTER_NAME, forCluster } from './cluster.ts';
export type { Database } from './database.ts';

/** One file of `migrations/`. */
export interface Migration {
  /** Its file name; the number in front is the order. */
  name: string;
  /** Its one statement. */
  sql: string;
  /** Of the file's text, in hex: a released migration never changes. */
  sha256: string;
}

/** What {@link migrate} may be told. */
export interface MigrateOptions {
  /** The migrations to apply instead of the package's own. The first two must make the database and the records. */
  migrations?: Migration[];
  /** Is called before each migration that the database does not have yet. */
  onApply?: (name: string) => void;
  /** True when the caller fills new rollups itself, with {@link beginBackfill}, before it stores rows. */
  leavesBackfill?: boolean;
  /** Is called while rollups that are new get what raw already has. */
  onBackfill?: (progress: BackfillProgress) => void;
}

/** The migration from which on rollups may be younger than the rows they count. */
const BACKFILLS = '0021_backfills.sql';

/** Reads the migrations that come with this package, in order. */
export async function loadMigrations(): Promise<Migration[]> {
  // The same relative place from src/ and from dist/.
  const directory = new URL('../migrations/', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have turned the line ends; that is no change.
      const text = (await readFile(new URL(name, directory), 'utf8')).replaceAll('\r\n', '\n');
      const sha256 = createHash('sha256').update(text).digest('hex');
      // Over HTTP the engine takes one statement, and some versions stumble over its semicolon.
      return { name, sql: text.trim().replace(/;$/, ''), sha256 };
    }),
  );
}

/**
 * Brings the database to the tables and views of this version, and records each migration in
 * `turnout.migrations`.
 *
 * @returns The names of the migrations that this call applied.
 * @throws When the server is too old, an applied migration has changed since, or the database has migrations of a newer version.
 * @example
 * await migrate(database, { onApply: (name) => console.log(`applying ${name}`) });
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = options.migrations ?? (await loadMigrations());
  await refuseOldServer(database);

  // The first two make the database and the table of records, without which nothing can be looked up.
  for (const migration of migrations.slice(0, 2)) await run(database, migration);
  const recorded = await database.query<{ name: string; sha256: string }>(
    'SELECT name, any(sha256) AS sha256 FROM turnout.migrations GROUP BY name ORDER BY name',
  );
  refuseSurprises(migrations, recorded);

  const done = new Set(recorded.map((record) => record.name));
  const applied: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.name)) continue;
    options.onApply?.(migration.name);
    await run(database, migration);
    await database.command(
      `INSERT INTO turnout.migrations (name, sha256, applied_at) SETTINGS async_insert = 0
       SELECT '${migration.name}', '${migration.sha256}', now64(3)`,
    );
    applied.push(migration.name);
  }
  // Migrations of an earlier version, which a test may ask for, know of no backfills.
  if (!options.leavesBackfill && migrations.some(({ name }) => name === BACKFILLS))
    await (await beginBackfill(database, options.onBackfill ? { onProgress: options.onBackfill } : {}))?.fill(
      options.onBackfill,
    );
  return applied;
}

/** Its statements are tested with this version. One of 26.5 neither makes all of its views nor counts its funnels. */
const OLDEST = { major: 26, minor: 7 };

async function refuseOldServer(database: Database): Promise<void> {
  const [server] = await database.query<{ version: string }>('SELECT version() AS version');
  const [major = 0, minor = 0] = (server?.version ?? '').split('.').map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
  throw new Error(
    `migrate: this ClickHouse is ${server?.version}, and Turnout needs ${OLDEST.major}.${OLDEST.minor} or newer. Nothing was changed. Upgrade the server.`,
  );
}

function refuseSurprises(migrations: Migration[], recorded: { name: string; sha256: string }[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.sha256]));
  const unknown = recorded.filter((record) => !known.has(record.name)).map((record) => record.name);
  if (unknown.length > 0) {
    throw new Error(
      `migrate: the database has migrations that this version does not know: ${unknown.join(', ')}. ` +
        'A newer version of Turnout has migrated it. Upgrade this one; an older collector must not write to newer tables.',
    );
  }
  const changed = recorded.filter((record) => known.get(record.name) !== record.sha256);
  if (changed.length > 0) {
    throw new Error(
      `migrate: ${changed.map((record) => `migrations/${record.name}`).join(', ')} changed after this database applied it, ` +
        'so the change would never arrive here. Restore the file as it was released, and put the change into a new migration with the next number.',
    );
  }
}

async function run(database: Database, migration: Migration): Promise<void> {
  const { cluster } = database;
  try {
    const statements = cluster === undefined ? [migration.sql] : forCluster(migration.sql, cluster);
    for (const statement of statements) await database.command(statement);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `migrate: ${migration.name} failed: ${message} Nothing after it was applied. Remove the cause and start again: what was applied stays and is not repeated.`,
      { cause },
    );
  }
}
