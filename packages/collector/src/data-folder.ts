import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDisk } from './log/disk.ts';
import { MIN_SECRET_LENGTH } from './pseudonym.ts';

/** The data directory of one collector: its log, its embedded database, its secret. */
export interface DataFolder {
  path: string;
  /**
   * What pseudonyms are made with: what the settings say, or the secret of this folder, made at the first start.
   *
   * @throws Error when it is gone, or not whole.
   */
  secret(): Promise<string>;
  /** Lets another collector have the folder. */
  release(): Promise<void>;
}

/** Another collector is using the folder. */
class DataFolderTaken extends Error {}

/**
 * Opens a data directory for this process alone.
 *
 * @param ofSettings - The secret where the settings name one: then the folder has none of its own.
 * @throws DataFolderTaken naming the process that has it.
 */
export async function openDataFolder(path: string, ofSettings?: string): Promise<DataFolder> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(refuse(folder));
  const lock = await takeLock(folder);
  await clearHalfWritten(folder);
  if (ofSettings === undefined && (await isNew(folder))) await makeSecret(folder);
  return {
    path: folder,
    secret: async () => ofSettings ?? (await readSecret(folder)),
    release: () => new Promise((done) => lock.close(() => done())),
  };
}

/** What keeps a folder from being made. */
function refuse(folder: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const reasons: Record<string, string> = {
      EEXIST: 'is a file',
      ENOTDIR: 'would lie behind a file',
      EACCES: 'cannot be made by this user',
      EROFS: 'would lie on a disk that can only be read',
    };
    const reason = reasons[error.code ?? ''];
    if (!reason) throw error;
    throw new Error(`The data directory ${folder} ${reason}. Name another folder with --data-dir.`);
  };
}

const HALF_WRITTEN = /^(secret|[a-z-]+\.(nd)?json)\.tmp$/;

/** What a run that was killed did not finish writing: ids of people who were to be erased, say. Nobody else writes here now. */
async function clearHalfWritten(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (HALF_WRITTEN.test(name)) await rm(join(folder, name), { force: true });
}

/** Whether nothing was ever kept here: neither a secret nor what would need one. */
async function isNew(folder: string): Promise<boolean> {
  const namesIn = (name: string) =>
    readdir(join(folder, name)).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
  const names = [...(await namesIn('clickhouse')), ...(await namesIn('log'))];
  // A volume that is mounted there may have files of its own.
  return !names.some((name) => USED.test(name)) && !(await readdir(folder)).includes('secret');
}

const USED = /^(store|metadata|reserve-\d+)$|\.(log|plan|damaged)$/;

async function makeSecret(folder: string): Promise<void> {
  const secret = randomBytes(32).toString('hex');
  // Whole and durable before the first pseudonym is made with it.
  await (await openDisk(folder)).write('secret', Buffer.from(`${secret}\n`));
}

async function readSecret(folder: string): Promise<string> {
  const path = join(folder, 'secret');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const secret = text?.trim() ?? '';
  if (secret.length >= MIN_SECRET_LENGTH) return secret;
  // With another one nothing would seem wrong, until somebody is to be erased and is not found.
  throw new Error(
    `The data directory ${folder} was used before, and its secret ${text === undefined ? 'is gone' : 'is not whole'}: with another one every person would become a new one. ` +
      `Put ${path} back from a backup, or set TURNOUT_SECRET if it was set before. If it is lost, make a new one: openssl rand -hex 32 > ${path}`,
  );
}

/** How long a process that listens may take to say who it is. */
const PATIENCE_MS = 2_000;
/** The longest path a socket may have, on macOS. */
const MAX_SOCKET_PATH = 100;

function lockOf(folder: string): string {
  const beside = join(folder, 'lock.sock');
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return beside.length <= MAX_SOCKET_PATH ? beside : join(tmpdir(), `turnout-${hash}.sock`);
}

/** Whether a process has a data directory. One that is too busy to say who it is may be anybody, and is believed. */
export async function isOwner(path: string, pid: number): Promise<boolean> {
  const owner = await askOwner(lockOf(resolve(path)));
  return owner === String(pid) || owner === '';
}

/**
 * A socket that one process can listen on, and that the system takes away when the process dies,
 * however it dies. Whoever connects is told who has the folder.
 */
async function takeLock(folder: string): Promise<Server> {
  const path = lockOf(folder);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const server = await listen(path);
    if (server) return server;
    const owner = await askOwner(path);
    if (owner !== undefined) {
      throw new DataFolderTaken(
        `The data directory ${folder} is in use by another collector${owner && ` (process ${owner})`}. ` +
          'Stop that one, or give this one a folder of its own with --data-dir.',
      );
    }
    await rm(path, { force: true }); // Left behind by a process that is gone.
  }
  throw new DataFolderTaken(
    `The data directory ${folder} cannot be locked: ${path} is taken again and again.`,
  );
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy()); // Whoever asked went away; nobody needs the answer.
      socket.end(String(process.pid));
    });
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : fail(error),
    );
    server.listen(path, () => {
      server.unref();
      done(server);
    });
  });
}

/**
 * Which process listens; undefined when none does. Empty when one does and is too busy to say: the system takes
 * connections for it, and would not for a process that is gone.
 */
function askOwner(path: string): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = createConnection(path);
    let answer: string | undefined;
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('connect', () => {
      answer = '';
    });
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      // So many wait to be heard that the system takes no more.
      done(code === 'EAGAIN' ? '' : answer);
    });
    socket.on('close', () => done(answer));
  });
}
