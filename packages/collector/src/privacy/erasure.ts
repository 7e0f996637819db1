/**
 * Erasure of people, from the tombstone to the receipt.
 *
 * The tombstone first, then what is on its way is stored, then the data goes. A crash anywhere costs a
 * repetition: the tombstone says what is unfinished, and the next start goes on with it.
 */
import { randomUUID } from 'node:crypto';
import { type ErasureProgress, erase as eraseFromTables, recordErasure } from '@turnout/schema/erase';
import type { Disk } from '../log/disk.ts';
import { settleWriter } from '../settle-writer.ts';
import type { WritableDatabase } from '../writable-database.ts';
import type { Writer } from '../writer.ts';
import { eraseFromDamaged } from './damaged-segments.ts';
import { directKeys, type KeyMaker, personKeys } from './person-keys.ts';
import type { Erasure, Tombstones } from './tombstones.ts';

/** What was done, for whoever asked. */
export interface Receipt {
  erasure_id: string;
  site_id: string;
  /** What was recorded until then is gone, and refused when it arrives later. */
  erased_until: string;
  finished_at: string;
  ids: number;
  /** Pseudonyms that the ids had, those of their browsers included. */
  user_keys: number;
  /** Rows deleted, by table. */
  deleted: { [table: string]: number };
  /** Records taken out of segments that were set aside. */
  damaged_records: number;
  days_counted_anew: number;
  /** Rows that are left. */
  remaining: 0;
  notes: string[];
}

export type Step =
  | {
      /** What comes first is not begun; of the rest the tombstone is on the medium. */
      step: 'waiting for its turn' | 'storing what is on its way';
      table: string;
      done: number;
      total: number;
    }
  | ErasureProgress;

export interface ErasureOptions {
  tombstones: Tombstones;
  database: WritableDatabase;
  writer: Pick<Writer, 'drain' | 'pause' | 'resume'>;
  /** The log's folder. */
  disk: Disk;
  make: KeyMaker;
  /** How long other collectors take to hear of a tombstone; 0 when there are none. */
  othersHearWithinMs: number;
  /** Is told whose facts the collector must forget. */
  onErased(siteId: string, userKeys: readonly string[]): void;
  now?: () => number;
}

export interface Eraser {
  /** Erases people, all in one go. @throws Error when it cannot be finished now; ask again, or start anew. */
  erase(siteId: string, ids: readonly string[], onProgress: (step: Step) => void): Promise<Receipt>;
  /** Finishes what a crash cut off. */
  resume(onProgress: (step: Step) => void): Promise<void>;
}

export function createEraser(options: ErasureOptions): Eraser {
  const { tombstones, database, writer, disk, make, onErased, now = Date.now } = options;

  async function run(erasure: Erasure, onProgress: (step: Step) => void): Promise<Receipt> {
    const { ids } = erasure;
    await tombstones.write(erasure);
    await recordErasure(database, erasure);
    onErased(erasure.site_id, erasure.user_keys);
    if (options.othersHearWithinMs > 0)
      await new Promise((done) => setTimeout(done, options.othersHearWithinMs));
    onProgress({ step: 'storing what is on its way', table: 'interactions', done: 0, total: 1 });
    await settleWriter(writer, disk);
    try {
      // Only now all links are in the tables.
      const { keys, shared } = await personKeys(database, make, erasure.site_id, ids);
      const whole = { ...erasure, user_keys: [...new Set([...erasure.user_keys, ...keys])] };
      await tombstones.write(whole);
      onErased(whole.site_id, whole.user_keys);
      const { deleted, days, remaining } = await eraseFromTables(database, whole, onProgress);
      const damaged = await eraseFromDamaged(disk, whole.user_keys);
      await tombstones.write({ ...whole, ids: [], isDone: true });
      return {
        erasure_id: whole.id,
        site_id: whole.site_id,
        erased_until: new Date(whole.at).toISOString(),
        finished_at: new Date(now()).toISOString(),
        ids: ids.length,
        user_keys: whole.user_keys.length,
        deleted,
        damaged_records: damaged,
        days_counted_anew: days,
        remaining,
        notes: shared.map(
          (id) =>
            `Several people signed in from ${JSON.stringify(id)}. They stay; erase each by their own id.`,
        ),
      };
    } finally {
      writer.resume();
    }
  }

  return {
    erase: (siteId, ids, onProgress) =>
      run(
        {
          id: randomUUID(),
          site_id: siteId,
          at: now(),
          user_keys: directKeys(make, siteId, ids),
          ids,
          isDone: false,
        },
        onProgress,
      ),
    async resume(onProgress) {
      for (const erasure of tombstones.pending()) await run(erasure, onProgress);
    },
  };
}
