import type { Config } from './config.ts';
import type { NodeMetrics } from './metrics.ts';
import type { OpenOptions } from './open-collector.ts';
import type { Store } from './open-store.ts';
import type { Removals } from './privacy/site-removal.ts';
import type { Tombstones } from './privacy/tombstones.ts';
import type { Storing } from './storing.ts';
import { createWriter, type Writer } from './writer.ts';

/** What the writer of a store leaves out, tells and counts. */
export interface WriterSurroundings {
  config: Pick<Config, 'collectors'>;
  log: OpenOptions['log'];
  metrics: NodeMetrics;
  tombstones: Tombstones;
  removals: Removals;
  storing: Pick<Storing, 'failed' | 'stored'>;
  /** Reads whom and what other collectors have erased, where it was not read just now. */
  hear(): Promise<void>;
}

/** The writer of a store; it is not started. */
export function openWriter(
  { log, disk, plans, database, repairNote, engine, reserve }: Store,
  { config, log: logger, metrics, tombstones, removals, storing, hear }: WriterSurroundings,
): Writer {
  return createWriter({
    log,
    disk,
    plans,
    database,
    repairNote,
    isErased: (record, state) => tombstones.isErased(record, state) || removals.isRemoved(record),
    // After a time in which the database was away, too: what was erased meanwhile must not come back.
    ...(config.collectors > 1 ? { hearErasures: hear } : {}),
    onFactRefused: (details) =>
      logger.error(details, 'a fact about a person or thing is refused, and left out'),
    // Another collector remembers other ids. What an earlier run left may hold rows that it refused and could not cut
    // off: they came again, and may be stored.
    looksUpAll: ({ isInherited }) => config.collectors > 1 || isInherited === true,
    onInserted(details) {
      storing.stored();
      metrics.inserted(details);
    },
    onError(error, segment) {
      storing.failed(error);
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
}
