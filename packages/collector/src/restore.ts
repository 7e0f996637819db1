/** A data directory made of a backup. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  BESIDE,
  copyPrivate,
  DATABASE,
  isThere,
  type Manifest,
  quoted,
  readManifest,
  syncFolder,
} from './backup.ts';
import { createDatabase } from './database.ts';
import { startEngine } from './engine/supervisor.ts';
import { PLAN_SUFFIX } from './log/segment.ts';

/**
 * Fills a data directory that is not there yet, or empty.
 *
 * @throws Error when there is something in it, or the backup is not whole; then nothing is left behind.
 */
export async function restoreBackup(from: string, dataDir: string): Promise<Manifest> {
  const manifest = await readManifest(from);
  const target = resolve(dataDir);
  if ((await isThere(target)) && (await readdir(target)).length > 0)
    throw new Error(
      `The data directory ${target} is not empty, and a restore replaces nothing. Name another with --data-dir, or move this one away.`,
    );
  // Beside it first: a restore that is cut off leaves nothing that a collector would take for its own.
  const making = `${target}.restoring-${randomBytes(4).toString('hex')}`;
  await mkdir(making, { recursive: true, mode: 0o700 });
  try {
    if (manifest.database) await restoreDatabase(resolve(from, DATABASE), join(making, 'clickhouse'));
    await mkdir(join(making, 'log'));
    for (const name of await readdir(join(from, 'log'))) {
      // A restored database does not remember the block that a plan began. Without the plan its segment is looked up
      // row by row, as all is that an earlier run left.
      if (name.endsWith(PLAN_SUFFIX)) continue;
      await copyPrivate(join(from, 'log', name), join(making, 'log', name));
    }
    for (const name of BESIDE)
      if (await isThere(join(from, name))) await copyPrivate(join(from, name), join(making, name));
    await syncFolder(making);
    if (await isThere(target)) await rmdir(target);
    await rename(making, target);
    await syncFolder(dirname(target), { isDeep: false });
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
  return manifest;
}

async function restoreDatabase(source: string, path: string): Promise<void> {
  const engine = await startEngine({ path, sqlPort: 0, log: { warn: () => {} } });
  const database = createDatabase(() => ({
    url: engine.url(),
    username: 'turnout',
    password: engine.password,
  }));
  try {
    await database.command(`RESTORE DATABASE turnout FROM File(${quoted(source)})`);
  } finally {
    await database.close();
    await engine.close();
  }
}
