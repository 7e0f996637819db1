import { readHeaderName } from '../header-name.ts';
import { MIN_SECRET_LENGTH } from '../pseudonym.ts';
import type { Site } from '../sites.ts';
import { parseSites } from '../sites-file.ts';
import { type Address, addressIn } from '../writable-database.ts';
import type { AddressLimiter, EdgeBindings, MessageQueue, WriterNamespace } from './bindings.ts';

/** Everything that a worker is told, checked. */
export interface EdgeConfig {
  sites: readonly Site[];
  secret: string;
  clickhouse: Address;
  clickhouseCluster: string | undefined;
  adminToken: string | undefined;
  /** Reads `/metrics`, and nothing else. */
  metricsToken: string | undefined;
  countryHeader: string | undefined;
  cityHeader: string | undefined;
  queue: MessageQueue;
  writer: WriterNamespace;
  addressLimiter: AddressLimiter | undefined;
}

/** Reads the bindings of a worker, or names every problem at once. No message repeats a value: some are secret. */
export function readEdgeConfig(env: EdgeBindings): EdgeConfig | { problems: string[] } {
  const problems: string[] = [];
  const sites = readSites(env.TURNOUT_SITES, problems);
  const secret = env.TURNOUT_SECRET ?? '';
  if (secret.length < MIN_SECRET_LENGTH)
    problems.push(
      `TURNOUT_SECRET must have at least ${MIN_SECRET_LENGTH} characters, because it hides who people are. ` +
        'Set it with "wrangler secret put TURNOUT_SECRET"; use that of your other collectors, or people get new pseudonyms.',
    );
  const clickhouse = addressIn(env.TURNOUT_CLICKHOUSE_URL ?? '');
  if (!clickhouse)
    problems.push(
      'TURNOUT_CLICKHOUSE_URL must be the http(s) address of ClickHouse, such as "https://user:password@clickhouse.example:8443". ' +
        'Set it with "wrangler secret put TURNOUT_CLICKHOUSE_URL".',
    );
  const countryHeader = readHeaderName('TURNOUT_COUNTRY_HEADER', env.TURNOUT_COUNTRY_HEADER, problems);
  const cityHeader = readHeaderName('TURNOUT_CITY_HEADER', env.TURNOUT_CITY_HEADER, problems);
  const { TURNOUT_QUEUE: queue, TURNOUT_WRITER: writer } = env;
  if (!queue)
    problems.push(
      'TURNOUT_QUEUE is no queue: add a [[queues.producers]] with that binding to wrangler.toml.',
    );
  if (!writer)
    problems.push(
      'TURNOUT_WRITER is no Durable Object: add a [[durable_objects.bindings]] with that name and the class TurnoutWriter to wrangler.toml.',
    );
  if (problems.length > 0 || !clickhouse || !queue || !writer) return { problems };
  return {
    sites,
    secret,
    clickhouse,
    clickhouseCluster: env.TURNOUT_CLICKHOUSE_CLUSTER || undefined,
    adminToken: env.TURNOUT_ADMIN_TOKEN || undefined,
    metricsToken: env.TURNOUT_METRICS_TOKEN || undefined,
    countryHeader,
    cityHeader,
    queue,
    writer,
    addressLimiter: env.TURNOUT_ADDRESS_LIMIT,
  };
}

function readSites(text: string | undefined, problems: string[]): readonly Site[] {
  if (!text) {
    problems.push(
      'TURNOUT_SITES must be the text of a sites file: {"sites":[…]}, as docs/operations.md shows it.',
    );
    return [];
  }
  const parsed = parseSites(text);
  if ('sites' in parsed) return parsed.sites;
  problems.push(...parsed.problems.map((problem) => `TURNOUT_SITES: ${problem}`));
  return [];
}
