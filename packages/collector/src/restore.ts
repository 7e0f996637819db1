/** A data directory made of a backup. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BESIDE, copyPrivate, DATABASE, isThere, runInBackground, syncFolder } from './backup.ts';
import { damaged, type Manifest, readManifest, requireWhole } from './backup-manifest.ts';
import { createDatabase } from './database.ts';
import { startEngine } from './engine/supervisor.ts';
import { isAlive } from './held-folder.ts';
import { PLAN_SUFFIX } from './log/segment.ts';
import { quoted } from './quoted.ts';
import type { WritableDatabase } from './writable-database.ts';

/**
 * Fills a data directory that is not there yet, or empty.
 *
 * @param signal - Stops it.
 * @throws Error when there is something in it, the backup is not whole, or it was stopped; then nothing is left behind.
 */
export async function restoreBackup(from: string, dataDir: string, signal: AbortSignal): Promise<Manifest> {
  const manifest = await readManifest(from);
  const target = resolve(dataDir);
  if ((await isThere(target)) && (await readdir(target)).length > 0)
    throw new Error(
      `The data directory ${target} is not empty, and a restore replaces nothing. Name another with --data-dir, or move this one away.`,
    );
  await makeRoom(target);
  await requireWhole(from, manifest);
  // Beside it first: a restore that is cut off leaves nothing that a collector would take for its own.
  const making = `${target}${MAKING}${process.pid}-${randomBytes(4).toString('hex')}`;
  await clearLeftovers(target);
  await mkdir(making, { recursive: true, mode: 0o700 });
  try {
    if (manifest.database) await restoreDatabase(from, manifest, join(making, 'clickhouse'), signal);
    await mkdir(join(making, 'log'));
    for (const name of await readdir(join(from, 'log'))) {
      // A restored database does not remember the block that a plan began. Without the plan its segment is looked up
      // row by row, as all is that an earlier run left.
      if (name.endsWith(PLAN_SUFFIX)) continue;
      signal.throwIfAborted();
      await copyPrivate(join(from, 'log', name), join(making, 'log', name));
    }
    for (const name of BESIDE)
      if (await isThere(join(from, name))) await copyPrivate(join(from, name), join(making, name));
    await syncFolder(making);
    signal.throwIfAborted();
    // Fails when a collector was started there meanwhile.
    await rename(making, target);
    await syncFolder(dirname(target), { isDeep: false });
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Whatever broke off because of it.
    throw signal.aborted ? signal.reason : error;
  }
  return manifest;
}

/** Takes an empty folder away before the work of hours: a volume, or what lies below others' folders, does not go. */
async function makeRoom(target: string): Promise<void> {
  await rmdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw new Error(
      `The data directory ${target} is there and cannot be replaced (${error.code}). If it is a volume, name a folder below it that is not there yet, and start the collector on that.`,
    );
  });
}

const MAKING = '.restoring-';

/** A process that was killed, or a machine that lost power, leaves the secret and people in such a folder. */
async function clearLeftovers(target: string): Promise<void> {
  const start = `${basename(target)}${MAKING}`;
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    const pid = name.startsWith(start) ? /^(\d+)-[\da-f]{8}$/.exec(name.slice(start.length))?.[1] : undefined;
    // In a container, the one that died had the number that this one has.
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await rm(join(dirname(target), name), { recursive: true, force: true });
  }
}

async function restoreDatabase(
  from: string,
  { files }: Manifest,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const engine = await startEngine({ path, sqlPort: 0, log: { warn: () => {} } });
  const stop = () => void engine.close();
  signal.addEventListener('abort', stop);
  const database = createDatabase(() => ({
    url: engine.url(),
    username: 'turnout',
    password: engine.password,
  }));
  try {
    signal.throwIfAborted();
    const statement = `RESTORE DATABASE turnout FROM File(${quoted(resolve(from, DATABASE))})`;
    await runInBackground(database, statement, 'restored').catch((error) => {
      const why = (error instanceof Error ? error.message : String(error)).slice(0, MOST_OF_REASON);
      throw new Error(
        `The database in ${resolve(from)} cannot be restored: the backup is damaged, or the disk is full. Restore another one, or make room. The engine says: ${why}`,
      );
    });
    // Whoever took "files" out of the manifest wants what is left.
    if (files) await requireIntact(from, database);
  } finally {
    signal.removeEventListener('abort', stop);
    await database.close();
    await engine.close();
  }
}

const MOST_OF_REASON = 500;

/**
 * RESTORE copies bytes and does not look at them: a part with a flipped bit is first met by whoever reads its rows. Part
 * by part, because a request that says nothing for minutes is given up.
 */
async function requireIntact(from: string, database: WritableDatabase): Promise<void> {
  const tables = await database.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'turnout' AND engine LIKE '%MergeTree' ORDER BY name",
  );
  const broken: string[] = [];
  for (const { name: table } of tables) {
    // A part that is merged meanwhile would be gone before its turn.
    await database.command(`SYSTEM STOP MERGES turnout.${table}`);
    const parts = await database.query<{ name: string }>(
      "SELECT name FROM system.parts WHERE database = 'turnout' AND table = {table:String} AND active ORDER BY name",
      { table },
    );
    for (const { name } of parts)
      if (!(await isIntact(database, table, name))) broken.push(`${table}/${name}`);
  }
  if (broken.length > 0)
    throw damaged(from, [`the parts ${broken.join(', ')} have other bytes than they had`]);
}

/** @throws Error when that cannot be told: a slow disk is no damage. */
async function isIntact(database: WritableDatabase, table: string, part: string): Promise<boolean> {
  const checks = await database
    .query<{ is_passed: boolean | number }>(
      `CHECK TABLE turnout.${table} PART ${quoted(part)} SETTINGS check_query_single_value_result = 0`,
    )
    .catch((error: Error) => {
      throw new Error(
        `The part ${table}/${part} could not be checked, and may be whole: ${error.message.slice(0, MOST_OF_REASON)}`,
      );
    });
  return checks.every(({ is_passed }) => Boolean(Number(is_passed)));
}
