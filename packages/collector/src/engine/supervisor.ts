import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineMessage, EngineOptions } from './server.ts';

/** The embedded engine, seen from the collector. Its addresses stay the same for as long as it lives. */
export interface Engine {
  /** The private door. It changes when the engine is replaced, hence a function. */
  url(): string;
  password: string;
  /** The read-only SQL port. */
  sqlUrl(): string;
  pid(): number | undefined;
  /** How often it was replaced. */
  restarts(): number;
  /** Lets running statements end, closes the data directory. */
  close(): Promise<void>;
}

export interface SupervisorOptions {
  path: string;
  sqlPort: number;
  log: { warn(details: object, message: string): void };
}

/** An engine that gives no sign of life for this long is replaced. */
const SILENCE_MS = 3_500;
/** One that runs and answers no statement may just have much to do: it gets this long. */
const UNANSWERED_MS = 20_000;
const LOOK_EVERY_MS = 250;
/** Opening a large data directory takes its time. */
const START_MS = 120_000;
const RESTART_PAUSE_MS = 200;
const CLOSE_MS = 15_000;

/**
 * Starts the embedded engine in a child process and keeps one running until it is closed.
 *
 * @throws Error when the first start fails: the data directory or the SQL port is taken, or chdb is missing.
 */
export async function startEngine(options: SupervisorOptions): Promise<Engine> {
  const password = randomBytes(24).toString('hex');
  let child: ChildProcess;
  let ready: { port: number; sqlPort: number };
  let restarts = 0;
  let isClosing = false;

  async function start(sqlPort: number): Promise<void> {
    const engineOptions: EngineOptions = { path: options.path, password, sqlPort };
    const started = fork(serverFile(), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    // First: it listens for the error of a process that cannot be started. With too many files open there is no
    // channel to it either.
    const isReady = untilReady(started);
    if (started.connected) started.send(engineOptions);
    child = started;
    ready = await isReady;
    watch(started);
  }

  function watch(current: ChildProcess): void {
    // Not the time of day: a clock that is set forward would look like silence.
    let lastLook = performance.now();
    let silent = 0;
    let unanswered = 0;
    current.on('message', ({ kind }: EngineMessage) => {
      silent = 0;
      if (kind === 'alive') unanswered = 0;
    });
    const timer = setInterval(() => {
      const now = performance.now();
      // Only the time in which this process could listen counts: after a standstill of its own, what the engine said
      // meanwhile is still to be read.
      const listened = Math.min(now - lastLook, 2 * LOOK_EVERY_MS);
      lastLook = now;
      silent += listened;
      unanswered += listened;
      if (isClosing || (silent <= SILENCE_MS && unanswered <= UNANSWERED_MS)) return;
      options.log.warn(
        { pid: current.pid },
        silent > SILENCE_MS
          ? 'the engine gives no sign of life; ending it'
          : 'the engine answers no statement; ending it',
      );
      // SIGKILL: a process whose engine hangs does not answer anything gentler.
      current.kill('SIGKILL');
    }, LOOK_EVERY_MS);
    timer.unref();
    current.once('exit', (code, signal) => {
      clearInterval(timer);
      if (isClosing) return;
      options.log.warn({ code, signal, pid: current.pid }, 'the engine ended; starting another');
      void replace();
    });
  }

  async function replace(): Promise<void> {
    while (!isClosing) {
      restarts += 1;
      try {
        // Whoever reads over SQL keeps the address they know.
        await start(ready.sqlPort);
        return;
      } catch (error) {
        options.log.warn({ error: String(error) }, 'the engine does not start; trying again');
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }

  await start(options.sqlPort);
  return {
    password,
    url: () => `http://127.0.0.1:${ready.port}`,
    sqlUrl: () => `http://127.0.0.1:${ready.sqlPort}`,
    pid: () => child.pid,
    restarts: () => restarts,
    async close() {
      isClosing = true;
      await end(child);
    },
  };
}

/** Tests run on sources, but a child process needs JavaScript: it is always the built file. */
function serverFile(): string {
  const beside = fileURLToPath(new URL('./engine-server.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/engine-server.js', import.meta.url));
}

function untilReady(child: ChildProcess): Promise<{ port: number; sqlPort: number }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The engine gave no sign of life within ${START_MS / 1000} s.`));
    }, START_MS);
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new Error(reason));
    };
    child.on('message', (message: EngineMessage) => {
      if (message.kind === 'failed') fail(message.message);
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      resolve(message);
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) =>
      fail(`The engine ended at its start (${signal ?? `exit code ${code}`}).`),
    );
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
