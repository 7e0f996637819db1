/**
 * A copy of everything that a collector keeps, taken while it goes on acknowledging.
 *
 * The database is copied by its own BACKUP while the writer rests with nothing half done; what is acknowledged
 * meanwhile lies in the log, which is copied behind. So a backup holds all that was acknowledged before it began, and
 * the log's part of it is looked up row by row when it is stored again: nothing counts twice.
 */
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, open, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Disk } from './log/disk.ts';
import { PLAN_SUFFIX, SEGMENT_SUFFIX } from './log/segment.ts';
import { quoted } from './quoted.ts';
import { settleWriter } from './settle-writer.ts';
import type { WritableDatabase } from './writable-database.ts';
import type { Writer } from './writer.ts';

/** `backup.json`, written last: a folder without it is no whole backup. */
export interface Manifest {
  version: 1;
  created_at: string;
  /** False where ClickHouse is a server of its own, which makes its own backups. */
  database: boolean;
  /** False where TURNOUT_SECRET names it: whoever restores has to bring the same. */
  secret: boolean;
  segments: number;
}

const MANIFEST = 'backup.json';
export const DATABASE = 'database';
/** What lies beside log and database in a data directory, where it is there. */
export const BESIDE = ['secret', 'salts.json', 'erasures.json', 'removed-sites.json', 'words.ndjson'];

export interface BackupOptions {
  /** The data directory. */
  folder: string;
  database: WritableDatabase;
  isEmbedded: boolean;
  /** True when the secret of the data directory is the one in use. */
  hasOwnSecret: boolean;
  writer: Pick<Writer, 'drain' | 'pause' | 'resume'>;
  /** The log's folder. */
  disk: Disk;
  onProgress: (progress: { step: string }) => void;
}

/** @throws Error when the folder is not empty, or something cannot be copied; then `to` is no backup. */
export async function makeBackup(to: string, options: BackupOptions): Promise<Manifest> {
  const { folder, database, isEmbedded, hasOwnSecret, writer, disk, onProgress } = options;
  const target = resolve(to);
  await refuseInside(folder, target);
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0)
    throw new Error(`The folder ${target} is not empty. Name one that is, or a new one.`);
  // The secret and interactions are in it.
  await chmod(target, 0o700);
  try {
    if (isEmbedded) {
      onProgress({ step: 'storing what is on its way' });
      await settleWriter(writer, disk);
      onProgress({ step: 'copying the database' });
      await copyDatabase(database, join(target, DATABASE));
    } else {
      // A server that is away is no reason to save nothing: a block that is half done goes along with its plan.
      await writer.pause();
    }
    onProgress({ step: 'copying the log' });
    const names = (await readdir(join(folder, 'log'))).filter(
      (name) => name.endsWith(SEGMENT_SUFFIX) || name.endsWith(PLAN_SUFFIX),
    );
    await mkdir(join(target, 'log'), { mode: 0o700 });
    // The last one is still written to: a record that is cut off was not acknowledged when the backup began.
    for (const name of names) await copyPrivate(join(folder, 'log', name), join(target, 'log', name));
    for (const name of BESIDE)
      if ((name !== 'secret' || hasOwnSecret) && (await isThere(join(folder, name))))
        await copyPrivate(join(folder, name), join(target, name));
    await syncFolder(target);
    const manifest: Manifest = {
      version: 1,
      created_at: new Date().toISOString(),
      database: isEmbedded,
      secret: hasOwnSecret,
      segments: names.filter((name) => name.endsWith(SEGMENT_SUFFIX)).length,
    };
    await writeFile(join(target, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
      flush: true,
    });
    await syncFolder(target, { isDeep: false });
    return manifest;
  } finally {
    writer.resume();
  }
}

/** What a disk takes with it when it dies is no backup, and a data directory that holds its backups is copied with them. */
async function refuseInside(folder: string, target: string): Promise<void> {
  const inside = relative(await realpath(folder), await realPlace(target));
  if (inside.startsWith('..') || isAbsolute(inside)) return;
  throw new Error(
    `The folder ${target} lies inside the data directory ${folder}, whose backup it would be. Name one outside, best on another disk.`,
  );
}

/** Where a path really leads, whether or not its end is there. */
async function realPlace(path: string): Promise<string> {
  if (await isThere(path)) return realpath(path);
  const above = dirname(path);
  return above === path ? path : join(await realPlace(above), basename(path));
}

/** Resolves when files and names are on the medium: copying alone leaves them to the system. */
export async function syncFolder(path: string, { isDeep = true } = {}): Promise<void> {
  for (const entry of isDeep ? await readdir(path, { withFileTypes: true }) : []) {
    if (entry.isDirectory()) await syncFolder(join(path, entry.name));
    else await sync(join(path, entry.name));
  }
  await sync(path);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws Error when the folder is no whole backup. */
export async function readManifest(from: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(from, MANIFEST), 'utf8')) as Manifest;
  } catch {
    throw new Error(
      `${resolve(from)} is no backup, or one that was cut off: it has no readable ${MANIFEST}. Name a folder that "turnout backup" has filled.`,
    );
  }
  if (manifest.version !== 1)
    throw new Error(
      `The backup in ${resolve(from)} was made by a newer version of Turnout. Restore it with that.`,
    );
  return manifest;
}

const LOOK_EVERY_MS = 200;

/** A large database takes longer than any request may: the engine copies in the background. */
async function copyDatabase(database: WritableDatabase, target: string): Promise<void> {
  const id = randomUUID();
  await database.command(`BACKUP DATABASE turnout TO File(${quoted(target)}) SETTINGS id = '${id}' ASYNC`);
  for (;;) {
    const [backup] = await database.query<{ status: string; error: string }>(
      'SELECT toString(status) AS status, error FROM system.backups WHERE id = {id:String}',
      { id },
    );
    if (backup?.status === 'BACKUP_CREATED') return;
    if (backup?.status !== 'CREATING_BACKUP')
      throw new Error(
        `The database could not be copied: ${backup?.error ?? 'the engine was replaced meanwhile'}`,
      );
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
}

export async function copyPrivate(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o600);
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
