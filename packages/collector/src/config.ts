import { readFileSync } from 'node:fs';
import { CLUSTER_NAME } from '@turnout/schema/migrate';
import { readHeaderName } from './header-name.ts';
import { MIN_SECRET_LENGTH } from './pseudonym.ts';
import { demoSite, type Site } from './sites.ts';
import { parseSites } from './sites-file.ts';
import { addressIn } from './writable-database.ts';

/** Everything that can be set, checked. Flags win over the environment. */
export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  sqlPort: number;
  dataDir: string;
  /** A ClickHouse server to use instead of the embedded engine. */
  clickhouseUrl: string | undefined;
  /** The cluster that this server belongs to, by its name in `remote_servers`. */
  clickhouseCluster: string | undefined;
  adminToken: string | undefined;
  /** Pseudonyms are made with it. Undefined: one made once in the data directory. */
  secret: string | undefined;
  sites: readonly Site[];
  /** Where they are read from, again on SIGHUP. */
  sitesFile: string | undefined;
  /** True without a sites file: the development site, on this machine only. */
  isDevelopment: boolean;
  maxLogBytes: number;
  /** How many collectors write into this database. With more than one, each looks every row up. */
  collectors: number;
  /** Headers in which the network says where a sender is; read only when named. */
  countryHeader: string | undefined;
  cityHeader: string | undefined;
  /** A file of networks and where they are (`.mmdb`), for what those headers do not say. */
  geoDb: string | undefined;
  /** How long after SIGTERM /readyz says so while all is taken as before: what a balancer needs to notice. */
  drainMs: number;
  /** How many proxies of the operator every request passes. */
  trustedProxies: number;
  /** Requests a second from one network; 0: any number. */
  addressRate: number;
  /** Where several collectors count their limits together. */
  redisUrl: string | undefined;
  /** Reads `/metrics` from elsewhere, and nothing else. */
  metricsToken: string | undefined;
  /** How much is told on standard error. */
  logLevel: string;
}

/** Settings as they come: texts, or missing. */
export interface Settings {
  host?: string | undefined;
  port?: string | undefined;
  sqlPort?: string | undefined;
  dataDir?: string | undefined;
}

/** The configuration is wrong. The message lists every problem, each with what to do. */
export class ConfigError extends Error {}

const DEFAULT_LOG_BYTES = 1024 * 1024 * 1024;
/** A segment that is full, and as much again as its reserve. */
const LEAST_LOG_BYTES = 64 * 1024 * 1024;
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const MAX_PROXIES = 16;
const MAX_DRAIN_SECONDS = 3_600;
const DEFAULT_ADDRESS_RATE = 1_000;

/**
 * Reads flags and environment.
 *
 * @throws ConfigError naming every problem at once.
 */
export function readConfig(flags: Settings, env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const number = numberIn(problems);
  const sitesFile = env.TURNOUT_SITES || undefined;
  const secret = readSecret(env, problems);
  const config: Config = {
    // Empty is unset: as a host it would be every address, as a folder the current one.
    host: flags.host || env.TURNOUT_HOST || '127.0.0.1',
    port: number('--port (TURNOUT_PORT)', flags.port ?? env.TURNOUT_PORT, 8787, 65_535),
    sqlPort: number('--sql-port (TURNOUT_SQL_PORT)', flags.sqlPort ?? env.TURNOUT_SQL_PORT, 8123, 65_535),
    dataDir: flags.dataDir || env.TURNOUT_DATA_DIR || '.turnout',
    ...readDatabase(env, problems),
    adminToken: env.TURNOUT_ADMIN_TOKEN || undefined,
    secret,
    sites: readSites(sitesFile, problems),
    sitesFile,
    isDevelopment: sitesFile === undefined,
    maxLogBytes: number(
      'TURNOUT_LOG_MAX_BYTES',
      env.TURNOUT_LOG_MAX_BYTES,
      DEFAULT_LOG_BYTES,
      Number.MAX_SAFE_INTEGER,
      LEAST_LOG_BYTES,
    ),
    countryHeader: readHeaderName('TURNOUT_COUNTRY_HEADER', env.TURNOUT_COUNTRY_HEADER, problems),
    cityHeader: readHeaderName('TURNOUT_CITY_HEADER', env.TURNOUT_CITY_HEADER, problems),
    geoDb: env.TURNOUT_GEO_DB || undefined,
    trustedProxies: number('TURNOUT_TRUSTED_PROXIES', env.TURNOUT_TRUSTED_PROXIES, 0, MAX_PROXIES),
    addressRate: number('TURNOUT_ADDRESS_RATE', env.TURNOUT_ADDRESS_RATE, DEFAULT_ADDRESS_RATE, 1_000_000),
    redisUrl: readRedis(env, problems),
    drainMs: 1_000 * number('TURNOUT_DRAIN_SECONDS', env.TURNOUT_DRAIN_SECONDS, 0, MAX_DRAIN_SECONDS),
    metricsToken: env.TURNOUT_METRICS_TOKEN || undefined,
    logLevel: readLogLevel(env.TURNOUT_LOG_LEVEL, problems),
  };
  if (config.isDevelopment && !['127.0.0.1', 'localhost', '::1'].includes(config.host)) {
    problems.push(
      `--host ${config.host} would let everyone write with the development key "wk_demo". ` +
        'Set TURNOUT_SITES to a sites file with keys of your own, or listen on 127.0.0.1.',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}

/** Reads whole numbers; what is none is a problem. */
const numberIn =
  (problems: string[]) =>
  (name: string, text: string | undefined, fallback: number, max: number, min = 0): number => {
    if (text === undefined || text === '') return fallback;
    if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    problems.push(`${name} must be a whole number from ${min} to ${max}, but it is ${JSON.stringify(text)}.`);
    return fallback;
  };

function readLogLevel(text: string | undefined, problems: string[]): string {
  const level = text || 'info';
  if (!LOG_LEVELS.includes(level))
    problems.push(
      `TURNOUT_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, but it is ${JSON.stringify(text)}.`,
    );
  return level;
}

function readSecret(env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const secret = env.TURNOUT_SECRET || undefined;
  if (secret !== undefined && secret.length < MIN_SECRET_LENGTH) {
    problems.push(
      `TURNOUT_SECRET must have at least ${MIN_SECRET_LENGTH} characters: it hides who people are.`,
    );
  }
  return secret;
}

function readRedis(env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const redisUrl = env.TURNOUT_REDIS_URL || undefined;
  if (redisUrl !== undefined && !isRedisAddress(redisUrl)) {
    problems.push(
      'TURNOUT_REDIS_URL must be a redis(s) address, such as "redis://user:password@redis:6379"; ' +
        'special characters of a password are written as in every URL, "%" as "%25".',
    );
  }
  return redisUrl;
}

function isRedisAddress(text: string): boolean {
  try {
    const { username, password } = new URL(text);
    decodeURIComponent(username + password);
    return /^rediss?:\/\//.test(text);
  } catch {
    return false; // No URL, or a per cent sign that ought to be %25.
  }
}

function readSites(sitesFile: string | undefined, problems: string[]): readonly Site[] {
  if (sitesFile === undefined) return [demoSite];
  const read = readSitesFile(sitesFile);
  if ('sites' in read) return read.sites;
  problems.push(...read.problems);
  return [];
}

/** A server, its cluster, and who else writes into it. */
function readDatabase(
  env: NodeJS.ProcessEnv,
  problems: string[],
): Pick<Config, 'clickhouseUrl' | 'clickhouseCluster' | 'collectors'> {
  const clickhouseUrl = env.TURNOUT_CLICKHOUSE_URL || undefined;
  if (clickhouseUrl !== undefined && !addressIn(clickhouseUrl)) {
    problems.push(
      'TURNOUT_CLICKHOUSE_URL must be an http(s) address, such as "http://user:password@clickhouse:8123"; ' +
        'special characters of a password are written as in every URL, "%" as "%25".',
    );
  }

  const clickhouseCluster = env.TURNOUT_CLICKHOUSE_CLUSTER || undefined;
  if (clickhouseCluster !== undefined && !CLUSTER_NAME.test(clickhouseCluster)) {
    problems.push(
      'TURNOUT_CLICKHOUSE_CLUSTER must be the name of a cluster as remote_servers of ClickHouse has it (letters, digits and _, ' +
        `a letter or _ first), but it is ${JSON.stringify(clickhouseCluster)}. "SELECT DISTINCT cluster FROM system.clusters" lists them.`,
    );
  } else if (clickhouseCluster !== undefined && clickhouseUrl === undefined) {
    problems.push(
      `TURNOUT_CLICKHOUSE_CLUSTER is ${clickhouseCluster}, but the embedded engine is one machine. ` +
        'Name a server of the cluster with TURNOUT_CLICKHOUSE_URL, or leave TURNOUT_CLICKHOUSE_CLUSTER unset.',
    );
  }

  const collectors = env.TURNOUT_COLLECTORS || '1';
  if (!/^[1-9]\d{0,3}$/.test(collectors)) {
    problems.push(
      `TURNOUT_COLLECTORS must be the number of collectors that write into this ClickHouse, a whole number from 1 to 9999, but it is ${JSON.stringify(collectors)}.`,
    );
  } else if (collectors !== '1' && clickhouseUrl === undefined) {
    problems.push(
      `TURNOUT_COLLECTORS is ${collectors}, but the embedded engine belongs to one collector alone. ` +
        'Name a ClickHouse server that all of them share with TURNOUT_CLICKHOUSE_URL, or leave TURNOUT_COLLECTORS unset.',
    );
  }
  return { clickhouseUrl, clickhouseCluster, collectors: Number(collectors) };
}

/** @returns The sites of a file, or everything that is wrong with it. */
export function readSitesFile(path: string): { sites: readonly Site[] } | { problems: string[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problems: [`TURNOUT_SITES names ${path}, which cannot be read: ${(error as Error).message}.`] };
  }
  const parsed = parseSites(text);
  if ('sites' in parsed) return parsed;
  return { problems: parsed.problems.map((problem) => `TURNOUT_SITES (${path}): ${problem}`) };
}
