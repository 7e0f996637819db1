/**
 * A whole collector but for its port: config → engine → database → log → writer → app → drain at the end.
 */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createAdmin } from './admin.ts';
import { createApp } from './app.ts';
import { createCaps } from './caps.ts';
import { createCatalog } from './catalog.ts';
import { closeAll } from './close-all.ts';
import type { Config } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { rememberEarlierIds } from './earlier-ids.ts';
import { createFilling } from './filling.ts';
import { createIntake, type LogEntry } from './intake.ts';
import { createLearner, REFRESH_MS } from './learner.ts';
import { createLimits } from './limits.ts';
import { createLiveSettings } from './live-settings.ts';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import { openReserve } from './log/reserve.ts';
import { longestQuerySeconds } from './longest-query.ts';
import { createMetrics } from './metrics.ts';
import { mayReadMetrics } from './metrics-access.ts';
import { openDatabase } from './open-database.ts';
import { createPace } from './pace.ts';
import { blocksUnderWay, openPlans } from './plan.ts';
import { authorizeSite } from './privacy/authorize.ts';
import { createEraser } from './privacy/erasure.ts';
import { createExclusive } from './privacy/exclusive.ts';
import type { KeyMaker } from './privacy/person-keys.ts';
import { createPrivacy } from './privacy/routes.ts';
import { openRemovals } from './privacy/site-removal.ts';
import { openTombstones } from './privacy/tombstones.ts';
import { createPseudonym, openSalts, personKey, visitorKey } from './pseudonym.ts';
import { readCapped } from './read-capped.ts';
import { countDetachedParts, readReadiness } from './readiness.ts';
import { createRecent } from './recent.ts';
import { openRepairNote } from './repair-note.ts';
import { removeRunFile, writeRunFile } from './run-file.ts';
import { createSchema } from './schema.ts';
import { readScript } from './script-file.ts';
import { cameByHttps, createAddressOf } from './sender-address.ts';
import { createWriter } from './writer.ts';

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
  /** From now on /readyz says that this collector is about to go, so that a balancer sends elsewhere. All is taken as before. */
  drain(): void;
  /**
   * Finishes what was begun, stores what the log holds (10 s at most; the rest waits in the log), closes the
   * engine. Stop the server first, so that nothing comes any more.
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
  const folder = await openDataFolder(config.dataDir);
  closers.push(folder.release);

  // Before the engine: on a disk that is full it may need the room.
  const reserve = await openReserve({
    disk: await openDisk(join(folder.path, 'log')),
    maxLogBytes: config.maxLogBytes,
    onChange(isKept) {
      if (isKept) logger.info({}, 'the disk has room again: batches are taken');
      else logger.error({}, 'the disk is full: batches are refused; see docs/operations.md');
    },
  });
  closers.push(reserve.close);
  const { disk } = reserve;

  const { engine, database } = await openDatabase(config, folder.path, logger);
  if (engine) closers.push(engine.close);
  closers.push(database.close);
  const exclusive = createExclusive();
  const filling = createFilling({
    database,
    isAlone: engine !== undefined || config.collectors === 1,
    underWay: () => blocksUnderWay(disk),
    exclusive,
    log: logger,
  });
  const schema = createSchema(database, logger, filling.begin);
  // The embedded engine is here or the start fails; a server may come later, and batches are taken meanwhile.
  if (engine) await schema.apply();
  else void schema.applyWhenReachable();
  closers.push(schema.stop, filling.stop);

  const log = await openLog({
    disk,
    maxBytes: config.maxLogBytes - reserve.bytes,
    reserve,
    onFailure: (failure) =>
      logger.error({ error: failure.message }, 'batches are refused: the log takes nothing'),
  });
  for (const segment of log.damaged)
    logger.error(segment, 'a damaged segment was set aside; see docs/operations.md');
  const repairNote = await openRepairNote(disk);
  if (log.damaged.some(({ wasAttempted }) => wasAttempted)) {
    await repairNote.write('A damaged segment had been tried before. Run "turnout verify --repair".');
  }
  reserve.watch(() => log.bytes() === 0);
  const metrics = createMetrics({
    logBytes: log.bytes,
    logLimitBytes: () => config.maxLogBytes - reserve.bytes,
    reserveBytes: () => (reserve.isKept() ? reserve.bytes : 0),
    logAgeSeconds: () => (Date.now() - (log.since() ?? Date.now())) / 1000,
    engineRestarts: () => engine?.restarts() ?? 0,
    enginePid: () => engine?.pid(),
    damagedSegments: () => log.damaged.length,
    detachedParts: () => countDetachedParts(database),
    longestQuerySeconds: () => longestQuerySeconds(database),
  });
  const rootDisk = await openDisk(folder.path);
  const tombstones = await openTombstones(rootDisk);
  const isListed = (siteId: string) => live.sites().some(({ id }) => id === siteId);
  const removals = await openRemovals(rootDisk, isListed);
  const plans = await openPlans(disk);
  const writer = createWriter({
    log,
    disk,
    plans,
    database,
    repairNote,
    isErased: (record, state) => tombstones.isErased(record, state) || removals.isRemoved(record),
    onFactRefused: (details) =>
      logger.error(details, 'a fact about a person or thing is refused, and left out'),
    // Another collector remembers other ids. What an earlier run left may hold rows that it refused and could not cut
    // off: they came again, and may be stored.
    looksUpAll: ({ isInherited }) => config.collectors > 1 || isInherited === true,
    onInserted: metrics.inserted,
    onError(error, segment) {
      metrics.insertFailed();
      logger.warn(
        { segment: segment.name, error: String(error).slice(0, 500) },
        'a segment could not be stored; trying again',
      );
      // The embedded engine writes to the same disk, and a full one makes it fail in many ways.
      if (engine)
        reserve
          .releaseIfScarce()
          .catch((failure) => logger.error({ error: String(failure) }, 'the reserve cannot be given up'));
    },
  });
  closers.push(async () => {
    await writer.drain(DRAIN_MS);
    await writer.stop();
    await log.close();
  });

  const recent = createRecent();
  const intake = createIntake(log, recent);
  const rememberEarlier = () =>
    rememberEarlierIds({ recent, log, disk, plans, database }).catch((error) =>
      logger.warn(
        { error: String(error).slice(0, 500) },
        'what came before the start cannot be read; every row is looked up for ten minutes',
      ),
    );
  const secret = config.secret ?? folder.secret;
  const make: KeyMaker = {
    person: (siteId, userId) => personKey(secret, siteId, userId),
    visitor: (siteId, visitorId) => visitorKey(secret, siteId, visitorId),
  };
  const learner = createLearner({
    log,
    database,
    tombstones,
    visitorKey: make.visitor,
    onError: (error) =>
      logger.warn({ error: String(error).slice(0, 500) }, 'the catalogue cannot be read now; trying again'),
  });
  closers.push(learner.stop);
  const caps = createCaps({ onCapped: metrics.capped });
  const eraser = createEraser({
    tombstones,
    database,
    writer,
    disk,
    make,
    othersHearWithinMs: config.collectors > 1 ? 2 * REFRESH_MS : 0,
    onErased: learner.forget,
  });
  const removeSite = (siteId: string, onProgress: (step: object) => void) =>
    removals.remove(
      siteId,
      { database, writer, disk, otherCollectors: config.collectors - 1, onRemoved: learner.forgetSite },
      onProgress,
    );
  async function whenApplied(): Promise<void> {
    await schema.applied;
    await learner.start();
    await readCapped(database, caps).catch((error) =>
      logger.warn(
        { error: String(error).slice(0, 500) },
        'what sites sent this month cannot be read; they start anew',
      ),
    );
    if (!engine) await rememberEarlier();
    writer.start();
    filling.start(writer);
    for (const siteId of removals.pending()) {
      await exclusive.run(() => removeSite(siteId, () => {}));
      logger.info({ site: siteId }, 'the removal of a site that was cut off is finished');
    }
    if (tombstones.pending().length === 0) return;
    await exclusive.run(() => eraser.resume(() => {}));
    logger.info({}, 'an erasure that was cut off is finished');
  }
  if (engine) {
    await learner.start();
    await rememberEarlier();
  }
  whenApplied().catch((error) =>
    logger.error({ error: String(error) }, 'an erasure that was cut off cannot be finished; erase again'),
  );
  const adminToken = config.adminToken ?? randomBytes(24).toString('hex');
  const metricsTokens = [adminToken, ...(config.metricsToken === undefined ? [] : [config.metricsToken])];
  let isDraining = false;
  const addressOf = createAddressOf(config.trustedProxies, logger);
  const dependencies: CollectorDependencies = {
    sites: live.sites,
    authorize: (header, site) => authorizeSite(header, site, { token: adminToken, sites: live.sites() }),
    intake: {
      async take(entries) {
        const taken = await intake.take(entries);
        options.onTaken?.(entries);
        return taken;
      },
    },
    userKey: createPseudonym(secret, await openSalts(rootDisk)),
    caps,
    pace: createPace(),
    isErased: tombstones.covers,
    learning: learner.learning,
    placeOf: live.placeOf,
    addressOf,
    limits,
    isHttps: (request) => config.trustedProxies > 0 && cameByHttps(request),
    mayReadMetrics: (request, env) => mayReadMetrics(request, addressOf(request, env), metricsTokens),
    metrics,
    script: readScript,
    readiness: async () =>
      isDraining
        ? DRAINING
        : readReadiness({
            log,
            reserve,
            database,
            isMigrated: schema.isApplied,
            filling: filling.state,
            repairNote,
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
    }),
  );
  app.route(
    '/',
    createPrivacy({ token: adminToken, sites: live.sites, database, make, eraser, exclusive, log: logger }),
  );
  app.route('/', createCatalog({ token: adminToken, sites: live.sites, learning: learner.learning, make }));
  return {
    app,
    handle: getRequestListener(app.fetch) as OpenCollector['handle'],
    sqlUrl: engine?.sqlUrl() ?? (config.clickhouseUrl as string),
    get enginePid() {
      return engine?.pid();
    },
    adminToken,
    reload: live.reload,
    drain() {
      isDraining = true;
    },
    async announce(url) {
      const sqlUrl = engine?.sqlUrl() ?? (config.clickhouseUrl as string);
      await writeRunFile(folder.path, { pid: process.pid, url, sql_url: sqlUrl, admin_token: adminToken });
      closers.push(() => removeRunFile(folder.path));
    },
    close,
  };
}
