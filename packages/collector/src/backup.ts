/**
 * A copy of everything that a collector keeps, taken while it goes on acknowledging.
 *
 * The database is copied by its own BACKUP while the writer rests with nothing half done; what is acknowledged
 * meanwhile lies in the log, which is copied behind. So a backup holds all that was acknowledged before it began, and
 * the log's part of it is looked up row by row when it is stored again: nothing counts twice.
 */
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, open, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { contentOf, MANIFEST, type Manifest } from './backup-manifest.ts';
import type { Disk } from './log/disk.ts';
import { PLAN_SUFFIX, SEGMENT_SUFFIX } from './log/segment.ts';
import { quoted } from './quoted.ts';
import { settleWriter } from './settle-writer.ts';
import type { WritableDatabase } from './writable-database.ts';
import type { Writer } from './writer.ts';

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
  const { folder, isEmbedded, hasOwnSecret, writer } = options;
  const target = resolve(to);
  await refuseInside(folder, target);
  await mkdir(target, { recursive: true, mode: 0o700 });
  await refuseFilled(target);
  // Whoever makes it has the folder: of two backups into one, the later ends here, before it takes anything away.
  await mkdir(join(target, 'log'), { mode: 0o700 }).catch(async (error) => {
    await refuseFilled(target);
    throw error;
  });
  try {
    // The secret and interactions are in it.
    await chmod(target, 0o700);
    const copied = await copyAll(target, options).finally(() => writer.resume());
    await syncFolder(target);
    const files: Manifest['files'] = {};
    for (const name of copied) files[name] = await contentOf(join(target, name));
    const manifest: Manifest = {
      version: 1,
      created_at: new Date().toISOString(),
      database: isEmbedded,
      secret: hasOwnSecret,
      segments: copied.filter((name) => name.endsWith(SEGMENT_SUFFIX)).length,
      files,
    };
    await writeFile(join(target, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
      flush: true,
    });
    await syncFolder(target, { isDeep: false });
    return manifest;
  } catch (error) {
    // Half of it is of no use to anybody, and may take the room that the log needs.
    await clear(target).catch(() => undefined); // What went wrong first is what whoever asked should hear.
    throw error;
  }
}

/** Copies while the writer rests, and answers with the names of the files beside the database. */
async function copyAll(target: string, options: BackupOptions): Promise<string[]> {
  const { folder, database, isEmbedded, hasOwnSecret, writer, disk, onProgress } = options;
  if (isEmbedded) {
    onProgress({ step: 'storing what is on its way' });
    await settleWriter(writer, disk);
    onProgress({ step: 'copying the database' });
    await runInBackground(
      database,
      `BACKUP DATABASE turnout TO File(${quoted(join(target, DATABASE))})`,
      'copied',
    );
  } else {
    // A server that is away is no reason to save nothing: a block that is half done goes along with its plan.
    await writer.pause();
  }
  onProgress({ step: 'copying the log' });
  // The last one is still written to: a record that is cut off was not acknowledged when the backup began.
  const copied: string[] = [];
  const copy = async (name: string) => {
    await copyPrivate(join(folder, name), join(target, name));
    copied.push(name);
  };
  for (const name of await readdir(join(folder, 'log')))
    if (name.endsWith(SEGMENT_SUFFIX) || name.endsWith(PLAN_SUFFIX)) await copy(join('log', name));
  for (const name of BESIDE)
    if ((name !== 'secret' || hasOwnSecret) && (await isThere(join(folder, name)))) await copy(name);
  return copied;
}

/** Takes away what a backup writes, and last what says that the folder is taken. */
async function clear(target: string): Promise<void> {
  for (const name of [MANIFEST, DATABASE, ...BESIDE, 'log'])
    await rm(join(target, name), { recursive: true, force: true });
}

async function refuseFilled(target: string): Promise<void> {
  const names = await readdir(target);
  if (names.length === 0) return;
  const isCutOff = !names.includes(MANIFEST) && names.some((name) => name === DATABASE || name === 'log');
  throw new Error(
    isCutOff
      ? `The folder ${target} has a backup that was cut off, or is still being made. Remove it if no other "turnout backup" is running, or name a new folder.`
      : `The folder ${target} is not empty. Name one that is, or a new one.`,
  );
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

const LOOK_EVERY_MS = 200;

/**
 * A large database takes longer than any request may: the engine copies in the background.
 *
 * @param statement - A BACKUP or RESTORE without settings.
 * @param done - What the database was not, when it fails.
 */
export async function runInBackground(
  database: Pick<WritableDatabase, 'command' | 'query'>,
  statement: string,
  done: 'copied' | 'restored',
): Promise<void> {
  const id = randomUUID();
  await database.command(`${statement} SETTINGS id = '${id}' ASYNC`);
  for (;;) {
    const [run] = await database.query<{ status: string; error: string }>(
      'SELECT toString(status) AS status, error FROM system.backups WHERE id = {id:String}',
      { id },
    );
    if (run?.status === 'BACKUP_CREATED' || run?.status === 'RESTORED') return;
    if (run?.status !== 'CREATING_BACKUP' && run?.status !== 'RESTORING')
      throw new Error(
        `The database could not be ${done}: ${run?.error ?? 'the engine was replaced meanwhile'}`,
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
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
