/**
 * What a collector does once its database has its schema, beside taking batches: learns what earlier runs knew, begins to
 * store, and finishes what they began.
 */
import type { Caps } from './caps.ts';
import type { RecordKeys } from './doors/server/record-keys.ts';
import { rememberEarlierIds } from './earlier-ids.ts';
import type { Learner } from './learner.ts';
import type { OpenOptions } from './open-collector.ts';
import type { Store } from './open-store.ts';
import type { Eraser } from './privacy/erasure.ts';
import type { Removals } from './privacy/site-removal.ts';
import type { Tombstones } from './privacy/tombstones.ts';
import { readCapped } from './read-capped.ts';
import type { Recent } from './recent.ts';
import type { Writer } from './writer.ts';

export interface CatchUpOptions {
  store: Store;
  writer: Writer;
  recent: Recent;
  recordKeys: Pick<RecordKeys, 'remember'>;
  learner: Learner;
  caps: Caps;
  eraser: Eraser;
  tombstones: Tombstones;
  removals: Removals;
  removeSite(siteId: string, onProgress: (step: object) => void): Promise<unknown>;
  log: OpenOptions['log'];
}

/** Resolves when batches may be taken: at once with a ClickHouse elsewhere, which may not answer for a long time. */
export async function catchUp(options: CatchUpOptions): Promise<void> {
  const { store, recent, recordKeys, learner, log: logger } = options;
  const isEmbedded = store.engine !== undefined;
  const remember = () =>
    rememberEarlierIds({ ...store, recent, recordKeys }).catch((error) =>
      logger.warn(
        { error: String(error).slice(0, 500) },
        'what came before the start cannot be read; every row is looked up for ten minutes',
      ),
    );
  if (isEmbedded) {
    await learner.start();
    await remember();
  }
  goOn(options, isEmbedded ? undefined : remember).catch((error) =>
    logger.error({ error: String(error) }, 'an erasure that was cut off cannot be finished; erase again'),
  );
}

async function goOn(options: CatchUpOptions, remember: (() => Promise<void>) | undefined): Promise<void> {
  const { store, writer, learner, caps, eraser, tombstones, removals, log: logger } = options;
  const { schema, filling, exclusive } = store;
  await schema.applied;
  await learner.start();
  await readCapped(store.database, caps).catch((error) =>
    logger.warn(
      { error: String(error).slice(0, 500) },
      'what sites sent this month cannot be read; they start anew',
    ),
  );
  await remember?.();
  writer.start();
  filling.start(writer);
  for (const siteId of removals.pending()) {
    try {
      await exclusive.run(() => options.removeSite(siteId, () => {}));
      logger.info({ site: siteId }, 'the removal of a site that was cut off is finished');
    } catch (error) {
      // People wait for their erasure behind it.
      logger.error(
        { site: siteId, error: String(error) },
        'the removal of a site that was cut off cannot be finished; remove it again',
      );
    }
  }
  if (tombstones.pending().length === 0) return;
  await exclusive.run(() => eraser.resume(() => {}));
  logger.info({}, 'an erasure that was cut off is finished');
}
