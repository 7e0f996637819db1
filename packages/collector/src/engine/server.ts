/**
 * The embedded engine's own process: ClickHouse's HTTP interface over chdb.
 *
 * A fatal error of the engine takes its process with it or leaves it hanging; here it takes only this
 * one, and the collector's log covers the gap until the parent has replaced it. Started by
 * `supervisor.ts` with an IPC channel: the parent's death closes it, and the engine closes cleanly.
 */
import type { AddressInfo, Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Session } from 'chdb';
import { createHttpInterface } from './http-interface.ts';
import { findOutward } from './outward.ts';
import { createSessionPool } from './session-pool.ts';

/** What the parent sends first. Not as arguments: those of a process are there for every user to read. */
export interface EngineOptions {
  path: string;
  password: string;
  /** 0: any free port. */
  sqlPort: number;
}

/** What the child tells the parent. */
export type EngineMessage =
  | { kind: 'ready'; port: number; sqlPort: number }
  /** Its event loop runs. */
  | { kind: 'ticking' }
  /** It has answered a statement. */
  | { kind: 'alive' }
  | { kind: 'failed'; message: string };

const WRITE_SESSIONS = 3;
const READ_SESSIONS = 3;
const ALIVE_EVERY_MS = 500;
/** How long to wait for the data directory while an engine that lost its parent still closes. */
const LOCK_PATIENCE_MS = 15_000;
const LOCK_RETRY_MS = 500;
/** An engine that lost its parent and cannot close within that, such as in the middle of a long question, just ends. */
const ORPHAN_MS = 8_000;

// Parts are fsynced (migrations), so a part that power loss broke was never acknowledged by the engine
// and is in the log still: set it aside and start, instead of refusing to.
const CONNECTION_ARGS = [
  '--max_suspicious_broken_parts=1000',
  '--max_suspicious_broken_parts_bytes=1000000000000',
  // Nobody waits for a merge, and batches wait for the collector's one thread: where both want to run, merges get a tenth.
  // Inserts and questions run as everything else does.
  '--os_threads_nice_value_merge_mutate=10',
  // Where BACKUP may write. Only the private door can ask for it, and that door may do anything.
  '--backups.allowed_path=/',
];

/** Ends this process as a kill does: on its way out through `process.exit` the engine may wait for itself, for ever. */
const die = () => process.kill(process.pid, 'SIGKILL');
const tell = (message: EngineMessage) => process.send?.(message);
const open = (path: string) => new Session(path, { connectionArgs: CONNECTION_ARGS });

/** chdb writes the reason to stderr and throws another text, which is the same for every reason. */
async function openWhenFree(path: string): Promise<Session> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return open(path);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken
          ? new Error(`The SQL port ${port} is in use. Choose another with --sql-port, or --sql-port 0.`)
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function start(options: EngineOptions): Promise<void> {
  const health = await openWhenFree(options.path);
  // The default database is an Overlay, which keeps nothing of ours; ours is Atomic.
  await health.queryAsync('CREATE DATABASE IF NOT EXISTS turnout ENGINE = Atomic');
  const inDatabase = () => {
    const session = open(options.path);
    session.query('USE turnout');
    return session;
  };
  const writers = createSessionPool(WRITE_SESSIONS, inDatabase);
  const readers = createSessionPool(READ_SESSIONS, inDatabase);
  const inner = createHttpInterface({
    pool: writers,
    access: { password: options.password },
    maxBodyBytes: 256 * 1024 * 1024,
    scratch: options.path,
  });
  const sql = createHttpInterface({
    pool: readers,
    access: { readonly: true, outward: await findOutward(health) },
    maxBodyBytes: 1024 * 1024,
    scratch: options.path,
  });

  let isAsking = false;
  const alive = setInterval(() => {
    tell({ kind: 'ticking' });
    if (isAsking) return;
    isAsking = true;
    // A statement, not only a timer: a hung engine leaves the event loop running.
    health.queryAsync('SELECT 1').then(
      () => {
        isAsking = false;
        tell({ kind: 'alive' });
      },
      () => {
        isAsking = false; // No answer is the sign: the parent replaces this process.
      },
    );
  }, ALIVE_EVERY_MS);

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeNow();
    return closing;
  };
  const closeNow = async () => {
    clearInterval(alive);
    for (const server of [inner, sql]) {
      server.close();
      server.closeIdleConnections();
    }
    await Promise.all([writers.close(), readers.close()]);
    await health.queryAsync('SELECT 1').catch(() => undefined); // Waits out a sign of life under way.
    health.close();
  };
  process.removeAllListeners('disconnect');
  process.on('disconnect', () => {
    // Whatever comes next waits for the data directory, and there is nobody left to end this process. From a thread of
    // its own: an engine that closes may block this one.
    new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ORPHAN_MS})`, { eval: true });
    void close().finally(die);
  });
  process.on('SIGTERM', () => void close().then(() => process.exit(0)));
  // A terminal sends SIGINT to the whole group; the parent decides when the engine may go.
  process.on('SIGINT', () => undefined);

  const port = await listen(inner, 0);
  tell({ kind: 'ready', port, sqlPort: await listen(sql, options.sqlPort) });
}

process.once('message', (options: EngineOptions) => {
  start(options).catch((error: unknown) => {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  });
});
// Until it is ready nothing is stored in it: there is nothing to close.
process.once('disconnect', die);
