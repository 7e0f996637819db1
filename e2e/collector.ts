import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyPrepared } from '../packages/schema/src/prepared-folder.test-helper.ts';

export const TURNOUT = fileURLToPath(new URL('../packages/collector/bin/turnout.js', import.meta.url));

/** A real `turnout serve` in a process of its own. */
export interface RunningCollector {
  url: string;
  sqlUrl: string;
  pid: number;
  enginePid: number;
  dataDir: string;
  query<Row>(sql: string): Promise<Row[]>;
  /** Ends it as power loss of the process would, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGHUP: it loads its files again. */
  reload(): void;
  /** What it logged so far. */
  logged(): string;
}

/** Starts `turnout serve` on free ports and waits for its line. */
export async function startCollector(
  dataDir: string,
  flags: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningCollector> {
  const child = spawn(
    process.execPath,
    [TURNOUT, 'serve', '--port', '0', '--sql-port', '0', '--data-dir', dataDir, ...flags],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let logged = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = await untilReady(child);
  return {
    url: ready.url,
    sqlUrl: ready.sql_url,
    pid: ready.pid,
    enginePid: ready.engine_pid,
    dataDir,
    query: (sql) => query(ready.sql_url, sql),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
    reload: () => void child.kill('SIGHUP'),
    logged: () => logged,
  };
}

interface Ready {
  url: string;
  sql_url: string;
  pid: number;
  engine_pid: number;
}

function untilReady(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let said = '';
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const line = said.split('\n').find((candidate) => candidate.startsWith('{"msg":"listening"'));
      if (line) resolve(JSON.parse(line) as Ready);
    });
    child.once('exit', (code) =>
      reject(new Error(`turnout ended with ${code} before it listened: ${errors}`)),
    );
  });
}

/** Reads rows from the SQL port. */
async function query<Row>(sqlUrl: string, sql: string): Promise<Row[]> {
  const response = await fetch(`${sqlUrl}/?default_format=JSONEachRow`, { method: 'POST', body: sql });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}

/** Runs another command of `turnout` to its end. */
export function runTurnout(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [TURNOUT, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('exit', (code) => resolve({ code, out, err }));
  });
}

/** An empty data directory, and a way to be rid of it. */
export async function aDataDir(): Promise<{ dataDir: string; remove: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'turnout-e2e-'));
  // An engine that lost its collector may still be closing its files.
  return {
    dataDir,
    remove: () => rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }),
  };
}

/**
 * The same, and the engine's tables are there: what a collector left that was started once and told to stop. For
 * whoever does not care how they come to be.
 */
export async function aDataDirWithTables(): Promise<{ dataDir: string; remove: () => Promise<void> }> {
  const folder = await aDataDir();
  const engine = join(folder.dataDir, 'clickhouse');
  await mkdir(engine);
  await writeFile(join(folder.dataDir, 'secret'), `${'5ec2e7'.repeat(8)}\n`, { mode: 0o600 });
  await copyTables(engine);
  return folder;
}

/** Puts the tables of {@link aDataDirWithTables} into the empty folder of an engine. */
export function copyTables(engine: string): Promise<void> {
  const prepare = async (empty: string) => {
    const { dataDir, remove } = await aDataDir();
    const collector = await startCollector(dataDir);
    await collector.stop();
    await rename(join(dataDir, 'clickhouse'), empty);
    await remove();
  };
  return copyPrepared('tables-of-collector', prepare, engine);
}
