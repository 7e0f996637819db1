/**
 * A whole collector but for its port: config → engine → database → log → writer → app → drain at the end.
 */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createAdmin } from './admin.ts';
import { createApp } from './app.ts';
import { createCaps } from './caps.ts';
import { createCatalog } from './catalog.ts';
import { catchUp } from './catch-up.ts';
import { closeAll } from './close-all.ts';
import type { Config } from './config.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { createRecordKeys } from './doors/server/record-keys.ts';
import { createIntake, type LogEntry } from './intake.ts';
import { openKnownWords } from './known-words.ts';
import { createLearner, REFRESH_MS } from './learner.ts';
import { createLimits } from './limits.ts';
import { NO_HOST } from './listen.ts';
import { createLiveSettings } from './live-settings.ts';
import { longestQuerySeconds } from './longest-query.ts';
import { createMetrics } from './metrics.ts';
import { mayReadMetrics } from './metrics-access.ts';
import { openStore } from './open-store.ts';
import { openWriter } from './open-writer.ts';
import { createPace } from './pace.ts';
import { authorizeSite } from './privacy/authorize.ts';
import { createEraser } from './privacy/erasure.ts';
import type { KeyMaker } from './privacy/person-keys.ts';
import { createPrivacy } from './privacy/routes.ts';
import { openRemovals } from './privacy/site-removal.ts';
import { openTombstones } from './privacy/tombstones.ts';
import { createPseudonym, openSalts, personKey, visitorKey } from './pseudonym.ts';
import { createNodeReader } from './query/node-reader.ts';
import { countDetachedParts, readReadiness } from './readiness.ts';
import { createRecent } from './recent.ts';
import { removeRunFile, writeRunFile } from './run-file.ts';
import { createScripts } from './script-file.ts';
import { cameByHttps, createAddressOf } from './sender-address.ts';
import { createStoring } from './storing.ts';
import { createTail } from './tail.ts';
import { type Address, addressIn } from './writable-database.ts';

/** A collector that other servers have their requests answered by. */
export interface OpenCollector {
  /** Batches, scripts, health and the routes of the commands: mount it in a Hono server. */
  app: Hono;
  /** The same for a server of plain `node:http`. */
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** The read-only SQL port of the embedded engine, or the ClickHouse server. */
  sqlUrl: string;
  enginePid: number | undefined;
  adminToken: string;
  /** Loads the sites file and the file of networks again; see {@link createLiveSettings}. */
  reload(): void;
  /**
   * Lets the commands (`turnout verify`, `query`, `backup` …) find this collector, until it is closed.
   *
   * @param url - Where it answers, with the path it is mounted at: `http://127.0.0.1:3000/stats`.
   */
  announce(url: string): Promise<void>;
  /**
   * From now on /readyz says that this collector is about to go, so that a balancer sends elsewhere, and who watches what
   * arrives (`turnout tail`) is sent away. All is taken as before.
   */
  drain(): void;
  /**
   * Finishes what was begun, stores what the log holds (10 s at most; the rest waits in the log), closes the
   * engine. Call `drain` and stop the server first, so that nothing comes any more.
   */
  close(): Promise<void>;
}

export interface OpenOptions {
  log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
    error(details: object, message: string): void;
  };
  /** Told of entries once they are on disk. */
  onTaken?: (entries: readonly LogEntry[]) => void;
}

const DRAIN_MS = 10_000;
/** A block that is being stored gets so much longer. */
const STOP_MS = 2_000;
const DRAINING = {
  ready: false,
  checks: { collector: 'draining: it was told to stop; what still comes is taken' },
};

/**
 * Opens a collector without listening, for a server of your own.
 *
 * @throws DataFolderTaken, or the engine's own error; whatever was opened is closed again.
 */
export async function openCollector(config: Config, options: OpenOptions): Promise<OpenCollector> {
  const closers: (() => Promise<void>)[] = [];
  const close = () => closeAll(closers);
  try {
    return await open(config, options, closers, close);
  } catch (error) {
    // What went wrong first says more than what could not be closed behind it.
    await close().catch((failure) =>
      options.log.error({ error: String(failure) }, 'not all could be closed'),
    );
    throw error;
  }
}

async function open(
  config: Config,
  options: OpenOptions,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<OpenCollector> {
  const { log: logger } = options;
  const live = createLiveSettings(config, logger);
  const limits = await createLimits({ ...config, log: logger });
  closers.push(limits.close);
  const store = await openStore(config, logger, closers);
  const {
    folder,
    secret,
    rootDisk,
    disk,
    reserve,
    log,
    repairNote,
    engine,
    database,
    schema,
    filling,
    exclusive,
  } = store;
  const metrics = createMetrics({
    logBytes: log.bytes,
    logLimitBytes: () => config.maxLogBytes - reserve.bytes,
    reserveBytes: () => (reserve.isKept() ? reserve.bytes : 0),
    logAgeSeconds: () => {
      const now = Date.now();
      return Math.max(0, now - (log.since() ?? now)) / 1000;
    },
    engineRestarts: () => engine?.restarts() ?? 0,
    enginePid: () => engine?.pid(),
    damagedSegments: () => log.damaged.length,
    detachedParts: () => countDetachedParts(database),
    longestQuerySeconds: () => longestQuerySeconds(database),
  });
  const tombstones = await openTombstones(rootDisk);
  const isListed = (siteId: string) => live.sites().some(({ id }) => id === siteId);
  const removals = await openRemovals(rootDisk, isListed);
  const storing = createStoring();
  const writer = openWriter(store, {
    config,
    log: logger,
    metrics,
    tombstones,
    removals,
    storing,
    hear: () => learner.hear(),
  });
  closers.push(async () => {
    await writer.drain(DRAIN_MS);
    if (!(await writer.stop(STOP_MS))) {
      // A database that hangs would be waited for as long as a block may take. The plan of this one is on disk: the next
      // start stores the same block again.
      await database.close();
      await writer.stop();
    }
    await log.close();
  });

  const tail = createTail();
  const recent = createRecent();
  const intake = createIntake(log, recent);
  const make: KeyMaker = {
    person: (siteId, userId) => personKey(secret, siteId, userId),
    visitor: (siteId, visitorId) => visitorKey(secret, siteId, visitorId),
  };
  const learner = createLearner({
    log,
    database,
    tombstones,
    removals,
    visitorKey: make.visitor,
    onError: (error) =>
      logger.warn({ error: String(error).slice(0, 500) }, 'the catalogue cannot be read now; trying again'),
  });
  closers.push(learner.stop);
  // Where the embedded engine is ours, by its read-only port: it guards what it reads a second time.
  const reader = createNodeReader(
    () => (engine ? { url: engine.sqlUrl() } : (addressIn(config.clickhouseUrl as string) as Address)),
    { cluster: config.clickhouseCluster, isEmbedded: engine !== undefined },
  );
  closers.push(reader.close);
  const recordKeys = createRecordKeys(database);
  const words = await openKnownWords(rootDisk, folder.path, logger);
  const caps = createCaps({ onCapped: metrics.capped, onLearned: words.note });
  words.tell(caps);
  // At the turn of a month, within the hour.
  const pruning = setInterval(() => void words.prune(), 3_600_000).unref();
  closers.push(async () => clearInterval(pruning), words.settle);
  const othersHearWithinMs = config.collectors > 1 ? 2 * REFRESH_MS : 0;
  const eraser = createEraser({
    tombstones,
    database,
    writer,
    disk,
    make,
    othersHearWithinMs,
    onErased: learner.forget,
  });
  const removeSite = (siteId: string, onProgress: (step: object) => void, isKnown = false) =>
    removals.remove(
      siteId,
      {
        database,
        writer,
        disk,
        otherCollectors: config.collectors - 1,
        othersHearWithinMs,
        isKnown,
        async onRemoved(removed) {
          await words.forgetSite(removed);
          learner.forgetSite(removed);
          recordKeys.forgetSite(removed);
        },
      },
      onProgress,
    );
  await catchUp({
    store,
    writer,
    recent,
    recordKeys,
    learner,
    caps,
    eraser,
    tombstones,
    removals,
    removeSite,
    log: logger,
  });
  const adminToken = config.adminToken ?? randomBytes(24).toString('hex');
  const metricsTokens = [adminToken, ...(config.metricsToken === undefined ? [] : [config.metricsToken])];
  let isDraining = false;
  const addressOf = createAddressOf(config.trustedProxies, logger);
  const dependencies: CollectorDependencies = {
    sites: live.sites,
    authorize: (header, site) => authorizeSite(header, site, { token: adminToken, sites: live.sites() }),
    intake: {
      whyFull: log.whyFull,
      async take(entries) {
        const taken = await intake.take(entries);
        tail.taken(entries);
        options.onTaken?.(entries);
        return taken;
      },
    },
    userKey: createPseudonym(secret, await openSalts(rootDisk)),
    caps,
    recordKeys,
    reader,
    pace: createPace(),
    isErased: tombstones.covers,
    learning: learner.learning,
    placeOf: live.placeOf,
    addressOf,
    limits,
    isHttps: (request) => config.trustedProxies > 0 && cameByHttps(request),
    mayReadMetrics: (request, env) => mayReadMetrics(request, addressOf(request, env), metricsTokens),
    metrics,
    script: createScripts(),
    readiness: async () =>
      isDraining
        ? DRAINING
        : readReadiness({
            log,
            reserve,
            database,
            isMigrated: schema.isMigrated,
            filling: filling.state,
            repairNote,
            storing,
          }),
    renderMetrics: metrics.render,
    log: logger,
  };
  const app = createApp(dependencies);
  app.route(
    '/',
    createAdmin({
      token: adminToken,
      dependencies,
      database,
      writer,
      disk,
      repairNote,
      exclusive,
      folder: folder.path,
      isEmbedded: engine !== undefined,
      hasOwnSecret: config.secret === undefined,
      removeSite,
      tail,
    }),
  );
  app.route(
    '/',
    createPrivacy({
      token: adminToken,
      sites: live.sites,
      database,
      make,
      eraser,
      writer,
      exclusive,
      log: logger,
    }),
  );
  app.route('/', createCatalog({ token: adminToken, sites: live.sites, learning: learner.learning, make }));
  return {
    app,
    handle: getRequestListener(app.fetch, { hostname: NO_HOST }) as OpenCollector['handle'],
    sqlUrl: engine?.sqlUrl() ?? (config.clickhouseUrl as string),
    get enginePid() {
      return engine?.pid();
    },
    adminToken,
    reload: live.reload,
    drain() {
      isDraining = true;
      // A server waits for answers that go on, and these go on for ever.
      tail.close();
    },
    async announce(url) {
      const sqlUrl = engine?.sqlUrl() ?? (config.clickhouseUrl as string);
      await writeRunFile(folder.path, { pid: process.pid, url, sql_url: sqlUrl, admin_token: adminToken });
      closers.push(() => removeRunFile(folder.path));
    },
    close,
  };
}
