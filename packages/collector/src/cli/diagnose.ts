/**
 * What `turnout doctor` looks at, in the order in which things depend on each other: this Node, the settings, the data
 * directory, the database, the collector, and what arrived.
 */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { type Config, ConfigError, readConfig, type Settings } from '../config.ts';
import { requireFreePort } from '../listen.ts';
import { findRunning, type RunFile } from '../run-file.ts';
import { shownUrl } from '../writable-database.ts';
import { askSql } from './ask-sql.ts';
import { diagnoseArrivals } from './diagnose-arrivals.ts';
import { explainError } from './explain-error.ts';
import { requireAnswer } from './require-answer.ts';

export interface Finding {
  /** `look`: it may be as it is meant. */
  state: 'ok' | 'look' | 'WRONG';
  about: string;
  says: string;
}

const MOST_CLOCK_MS = 30_000;
const PATIENCE_MS = 5_000;
const require = createRequire(import.meta.url);

/** Looks at one thing after the other. What cannot be looked at because of an earlier finding is left out. */
export async function* diagnose(flags: Settings, env: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
  yield node();
  const config = settings(flags, env);
  if (!('dataDir' in config)) return yield* config;
  yield {
    state: 'ok',
    about: 'settings',
    says: config.isDevelopment
      ? 'the development site "demo", for this machine only; name a sites file with TURNOUT_SITES for others'
      : `${config.sites.length} sites in ${config.sitesFile}`,
  };
  yield* await orWrong('folder', () => folder(config));
  yield* await orWrong('database', () => database(config));

  let running: RunFile | undefined;
  try {
    running = await findRunning(config.dataDir);
  } catch (error) {
    yield { state: 'WRONG', about: 'collector', says: explainError(error) };
    return;
  }
  if (running) yield* await orWrong('collector', () => collector(running));
  else yield* await orWrong('port', () => stopped(config));
  const sqlUrl = config.clickhouseUrl ?? running?.sql_url;
  if (sqlUrl !== undefined) yield* await orWrong('arrivals', () => diagnoseArrivals(sqlUrl));
}

async function orWrong(about: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const isLate = (error as Error).name === 'TimeoutError';
    return [{ state: 'WRONG', about, says: isLate ? 'does not answer in time' : explainError(error) }];
  }
}

function node(): Finding {
  const { engines } = require('../package.json') as { engines: { node: string } };
  const [needed = 0, neededMinor = 0] = (/\d+\.\d+/.exec(engines.node)?.[0] ?? '').split('.').map(Number);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > needed || (major === needed && minor >= neededMinor);
  return isNew
    ? { state: 'ok', about: 'node', says: process.versions.node }
    : {
        state: 'WRONG',
        about: 'node',
        says: `this is ${process.versions.node}, and Turnout needs ${needed}.${neededMinor} or newer`,
      };
}

function settings(flags: Settings, env: NodeJS.ProcessEnv): Config | Finding[] {
  try {
    return readConfig(flags, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((says) => ({ state: 'WRONG', about: 'settings', says }));
  }
}

async function folder({ dataDir, maxLogBytes }: Config): Promise<Finding[]> {
  const path = resolve(dataDir);
  const found = (state: Finding['state'], says: string): Finding[] => [{ state, about: 'folder', says }];
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return found('look', `${path} is not there yet: "turnout serve" makes it`);
  const isOpen = await access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isOpen)
    return found(
      'WRONG',
      `${path} is not open to this user: run this as the user that the collector runs as`,
    );
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  if (free < maxLogBytes)
    return found(
      'look',
      `${path}: ${gigabytes(free)} are free, and the log alone may take ${gigabytes(maxLogBytes)} while the database is away: make room, or lower TURNOUT_LOG_MAX_BYTES`,
    );
  if ((stats.mode & 0o077) !== 0)
    return found(
      'look',
      `others on this machine may look into ${path}, where secrets lie: chmod 700 ${path}`,
    );
  return found('ok', `${path}, ${gigabytes(free)} are free`);
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

async function database({ clickhouseUrl }: Config): Promise<Finding[]> {
  const about = 'database';
  if (clickhouseUrl === undefined) {
    try {
      require.resolve('chdb');
    } catch {
      return [
        {
          state: 'WRONG',
          about,
          says: 'the embedded engine is not installed: npm install chdb, or name a ClickHouse server with TURNOUT_CLICKHOUSE_URL',
        },
      ];
    }
    return [{ state: 'ok', about, says: 'the embedded engine' }];
  }
  await requireAnswer(clickhouseUrl, PATIENCE_MS);
  const asked = Date.now();
  const answer = await askSql(
    clickhouseUrl,
    'SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS now',
    { database: 'default', output_format_json_quote_64bit_integers: '0' },
    AbortSignal.timeout(PATIENCE_MS),
  );
  const { version, now } = JSON.parse(answer) as { version: string; now: number };
  const apart = Math.round((asked + Date.now()) / 2 - now);
  const findings: Finding[] = [
    { state: 'ok', about, says: `ClickHouse ${version} at ${shownUrl(clickhouseUrl)}` },
  ];
  if (Math.abs(apart) > MOST_CLOCK_MS)
    findings.push({
      state: 'WRONG',
      about: 'clock',
      says: `the clocks of this machine and of ClickHouse are ${Math.abs(apart / 1_000).toFixed(0)} s apart: days and expiry go by them. Set both by NTP`,
    });
  return findings;
}

/** One that runs says itself what is wrong. */
async function collector({ pid, url }: RunFile): Promise<Finding[]> {
  const ask = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const findings: Finding[] = [];
  const { ready, checks } = (await (await ask('/readyz')).json()) as {
    ready: boolean;
    checks: Record<string, string>;
  };
  const state = ready ? 'ok' : 'WRONG';
  findings.push({
    state,
    about: 'collector',
    says: `process ${pid} at ${url} ${ready ? 'takes' : 'does not take'} batches`,
  });
  for (const [check, says] of Object.entries(checks))
    if (says !== 'ok')
      findings.push({ state: ready ? 'look' : 'WRONG', about: check.replaceAll('_', ' '), says });
  const script = await ask('/t.js');
  findings.push(
    script.ok
      ? { state: 'ok', about: 'script', says: `${url}/t.js` }
      : {
          state: 'WRONG',
          about: 'script',
          says: `${url}/t.js answers ${script.status}: npm install @turnout/sdk`,
        },
  );
  return findings;
}

async function stopped({ host, port }: Config): Promise<Finding[]> {
  await requireFreePort(host, port);
  return [
    {
      state: 'look',
      about: 'collector',
      says: `none runs on this data directory; port ${port} is free for it`,
    },
  ];
}
