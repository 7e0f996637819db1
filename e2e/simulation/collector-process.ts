/**
 * One run of the collector: its real modules, put together as `node.ts` does, without sockets.
 *
 * Bundled, so that the simulation decides what `setTimeout`, `Date`, `crypto` and `node:fs/promises` are.
 */
import { createApp } from '../../packages/collector/src/app.ts';
import { rememberEarlierIds } from '../../packages/collector/src/earlier-ids.ts';
import { createIntake } from '../../packages/collector/src/intake.ts';
import { openDisk } from '../../packages/collector/src/log/disk.ts';
import { openLog } from '../../packages/collector/src/log/log.ts';
import { openReserve } from '../../packages/collector/src/log/reserve.ts';
import { openPlans } from '../../packages/collector/src/plan.ts';
import { createPseudonym, openSalts } from '../../packages/collector/src/pseudonym.ts';
import { createRecent } from '../../packages/collector/src/recent.ts';
import { openRepairNote } from '../../packages/collector/src/repair-note.ts';
import { demoSite } from '../../packages/collector/src/sites.ts';
import { DatabaseError, type WritableDatabase } from '../../packages/collector/src/writable-database.ts';
import { createWriter } from '../../packages/collector/src/writer.ts';

export { DatabaseError };

/** What the simulation may do with a collector that runs. */
export interface CollectorProcess {
  fetch(request: Request): Promise<Response>;
  /** SIGTERM, after the last request was answered. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Starts a collector in the folder `/data`. */
export async function startCollector(options: {
  database: WritableDatabase;
  maxLogBytes: number;
  warn: (text: string) => void;
}): Promise<CollectorProcess> {
  const { database, warn } = options;
  const { maxLogBytes } = options;
  const reserve = await openReserve({
    disk: await openDisk('/data/log'),
    maxLogBytes,
    onChange: (isKept) => warn(isKept ? 'there is room again' : 'the disk is full'),
  });
  const { disk } = reserve;
  const log = await openLog({ disk, maxBytes: maxLogBytes - reserve.bytes, reserve });
  for (const segment of log.damaged) warn(`set aside: ${JSON.stringify(segment)}`);
  const repairNote = await openRepairNote(disk);
  if (log.damaged.some(({ wasAttempted }) => wasAttempted))
    await repairNote.write('A damaged segment had been tried.');
  reserve.watch(() => log.bytes() === 0);
  const plans = await openPlans(disk);
  const writer = createWriter({
    log,
    disk,
    plans,
    database,
    repairNote,
    looksUpAll: ({ isInherited }) => isInherited === true,
    onError: (error, segment) => warn(`${segment.name} is not stored: ${error}`),
  });
  const recent = createRecent();
  // As with a server that is elsewhere: batches come meanwhile.
  void rememberEarlierIds({ recent, log, disk, plans, database })
    .catch((error) => warn(`what came before is unknown: ${error}`))
    .then(writer.start);
  const intake = createIntake(log, recent);
  const nothing = () => {};
  const app = createApp({
    sites: () => [demoSite],
    intake,
    userKey: createPseudonym('secret', await openSalts(await openDisk('/data'))),
    addressOf: () => '',
    metrics: { accepted: nothing, duplicates: nothing, rejected: nothing, dropped: nothing, warned: nothing },
    script: () => Promise.reject(new Error('not simulated')),
    readiness: () => Promise.reject(new Error('not simulated')),
    renderMetrics: () => Promise.reject(new Error('not simulated')),
    log: { warn: nothing, error: (details, message) => warn(`${message} ${JSON.stringify(details)}`) },
  });
  return {
    fetch: async (request) => app.fetch(request),
    async close() {
      await writer.drain(DRAIN_MS);
      await writer.stop();
      await log.close();
      await reserve.close();
    },
  };
}
