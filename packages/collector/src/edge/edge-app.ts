/** The app with what it needs at the edge: a queue for intake, a Durable Object for salts, no memory of its own. */
import type { Hono } from 'hono';
import { createApp } from '../app.ts';
import { createCatalog } from '../catalog.ts';
import type { CollectorMetrics, Readiness, Script } from '../dependencies.ts';
import type { Learning } from '../facts.ts';
import { createPace } from '../pace.ts';
import { placeIn } from '../place.ts';
import { authorizeSite } from '../privacy/authorize.ts';
import { Problem } from '../problem.ts';
import { createPseudonym, personKey, visitorKey } from '../pseudonym.ts';
import { bearerOf, isSecret } from '../secret.ts';
import type { EdgeConfig } from './config.ts';
import { countsAsText } from './counts.ts';
import { createEdgeLimits } from './edge-limits.ts';
import { edgeLog } from './edge-log.ts';
import { createFactQueue } from './fact-queue.ts';
import { sendEntries } from './messages.ts';
import { createWebReader } from './web-reader.ts';
import { type WriterClient, writerAt } from './writer-client.ts';

/** The files of the script tag: the build puts them here, because a worker has no files. */
declare const TURNOUT_SCRIPTS: Record<string, Script>;

/** Nothing lives long enough here to be counted: the writer counts what it stores, and the platform the rest. */
const NO_METRICS: CollectorMetrics = {
  accepted: () => {},
  duplicates: () => {},
  rejected: () => {},
  warned: () => {},
  dropped: () => {},
};

/** What is known is read where blocks are written. */
const KNOWS_NOTHING: Learning['known'] = {
  person: () => undefined,
  personVersion: () => undefined,
  event: () => undefined,
  setPerson: () => {},
  setEvent: () => {},
  forget: () => {},
  forgetSite: () => {},
  size: () => ({ people: 0, events: 0 }),
};

/** An isolate has 128 MB. */
const MAX_VISITORS = 2_000;

export function createEdgeApp(config: EdgeConfig): Hono {
  const { secret } = config;
  const sites = () => config.sites;
  const writer = writerAt(config.writer);
  const make = {
    person: (siteId: string, userId: string) => personKey(secret, siteId, userId),
    visitor: (siteId: string, visitorId: string) => visitorKey(secret, siteId, visitorId),
  };
  const facts = createFactQueue((entries) => sendEntries(config.queue, entries));
  const learning: Learning = { known: KNOWS_NOTHING, facts, visitorKey: make.visitor };
  // Without a token of its own nobody has it, and the secret keys of sites still open their own catalogue.
  const token = config.adminToken ?? crypto.randomUUID();
  const app = createApp({
    sites,
    authorize: (header, site) => authorizeSite(header, site, { token, sites: sites() }),
    intake: {
      async take(entries) {
        await sendEntries(config.queue, entries).catch(busy);
        // All of them are looked up before they are stored: which ones are duplicates shows there.
        return { duplicates: 0 };
      },
    },
    userKey: createPseudonym(secret, (day) => writer.salt(day).catch(busy)),
    // The platform sets it, whatever the sender said.
    addressOf: (request) => request.headers.get('CF-Connecting-IP') ?? '',
    placeOf: (headers) => placeIn(headers, config),
    isHttps: ({ url }) => url.startsWith('https:'),
    learning: { ...learning, facts: { take: (entries) => facts.take(entries.map(told)).catch(busy) } },
    metrics: NO_METRICS,
    script: async (name) => TURNOUT_SCRIPTS[name],
    readiness: () => readReadiness(writer),
    mayReadMetrics: (request) => {
      const given = bearerOf(request.headers.get('Authorization') ?? undefined);
      return [token, config.metricsToken].some((one) => one !== undefined && isSecret(given, one));
    },
    async renderMetrics() {
      const [counts, { waiting }] = await Promise.all([writer.counts(), writer.state()]).catch(busy);
      return countsAsText(counts, waiting);
    },
    reader: createWebReader(config.clickhouse, config.clickhouseCluster),
    limits: createEdgeLimits(config.writer, config.addressLimiter),
    // Each isolate remembers its own few: a program is told by one batch, or by those that came to the same place.
    pace: createPace({ maxVisitors: MAX_VISITORS }),
    log: edgeLog,
  });
  app.route(
    '/',
    createCatalog({
      token,
      sites,
      learning: { ...learning, facts: { take: (entries) => facts.take(entries).catch(busy) } },
      make,
    }),
  );
  app.post('/v1/admin/repaired', async (c) => {
    if (!isSecret(bearerOf(c.req.header('Authorization')), token))
      throw new Problem(
        401,
        'token_wrong',
        'This address wants "Authorization: Bearer <TURNOUT_ADMIN_TOKEN>".',
      );
    await writer.repaired();
    return c.body(null, 204);
  });
  return app;
}

/** What people tell of themselves adds to what is known, which only the writer can read. */
const told = <Entry extends { kind: string }>(entry: Entry) =>
  entry.kind === 'p' ? { ...entry, kind: 'P' as const } : entry;

function busy(error: unknown): never {
  edgeLog.warn({ error: String(error) }, 'a batch was refused: the queue or the writer did not take it');
  throw new Problem(503, 'busy', 'This collector cannot take anything now. Send this again.', 5);
}

async function readReadiness(writer: WriterClient): Promise<Readiness> {
  const state = await writer.state().catch((error: unknown) => String(error));
  return typeof state === 'string'
    ? { ready: true, checks: { writer: `does not answer; batches wait in the queue: ${state}` } }
    : {
        ready: true,
        checks: {
          database: state.isReachable ? 'ok' : 'unreachable; batches wait in the queue',
          blocks: state.waiting === 0 ? 'ok' : 'a block was begun and is not stored yet',
          rollups: state.repair ?? 'ok',
        },
      };
}
