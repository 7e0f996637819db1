/**
 * Gives new rollups the history that raw has, while rows go on coming: an upgrade delays nobody.
 *
 * Beginning is quick, and the writer rests for it. Filling takes as long as the history is large, and the writer
 * stores meanwhile. What is cut off begins anew, at once or at the next start.
 */
import { type Backfill, type BackfillProgress, beginBackfill } from '@turnout/schema/migrate';
import type { Exclusive } from './privacy/exclusive.ts';
import type { WritableDatabase } from './writable-database.ts';
import type { Writer } from './writer.ts';

export interface Filling {
  /** Resolves when rows may be stored. */
  begin(): Promise<void>;
  /** Fills in the background, until it is done or stopped. */
  start(writer: Pick<Writer, 'pause' | 'resume'>): void;
  /** What is being filled, for people; undefined when all is. */
  state(): string | undefined;
  /** Resolves when the piece under way is done. The rest waits for the next start. */
  stop(): Promise<void>;
}

export interface FillingOptions {
  database: WritableDatabase;
  /** True when no other collector writes into this database. */
  isAlone: boolean;
  /** Blocks that may be stored in part. */
  underWay: () => Promise<string[]>;
  /** Verification and erasure rely on rollups that are whole: they wait for a filling, and it for them. */
  exclusive: Exclusive;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

const TRY_AGAIN_MS = 2_000;

export function createFilling({ database, isAlone, underWay, exclusive, log }: FillingOptions): Filling {
  const stopping = new AbortController();
  const { signal } = stopping;
  let backfill: Backfill | undefined;
  let state: string | undefined;
  let working: Promise<void> | undefined;

  let beginning: Promise<Backfill | undefined> | undefined;

  async function begin(): Promise<void> {
    // On a cluster it may wait for another collector's filling, or take as long as its own.
    beginning = beginBackfill(database, { isAlone, underWay, onProgress, signal });
    try {
      backfill = await beginning;
      state = backfill && 'are about to be filled from raw';
    } finally {
      beginning = undefined;
    }
  }

  const onProgress = ({ table, done, total }: BackfillProgress) => {
    state = `are being filled from raw: ${table}, ${done} of ${total} pieces done`;
    log.info({ table, done, total }, 'a new rollup is being filled from raw');
  };

  async function fill(writer: Pick<Writer, 'pause' | 'resume'>): Promise<void> {
    while (backfill && !signal.aborted) {
      const current = backfill;
      try {
        await exclusive.run(() => current.fill(onProgress, signal));
        if (signal.aborted) return;
        backfill = undefined;
        state = undefined;
        log.info({}, 'new rollups are filled');
      } catch (error) {
        log.warn({ error: String(error).slice(0, 500) }, 'a history cannot be filled in now; trying again');
        await again(writer);
      }
    }
  }

  /** A filling that was cut off may have filled a part of a piece: everything that it had not recorded starts over. */
  async function again(writer: Pick<Writer, 'pause' | 'resume'>): Promise<void> {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TRY_AGAIN_MS);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
      if (signal.aborted) return;
      try {
        await exclusive.run(async () => {
          await writer.pause();
          await begin();
        });
        return;
      } catch (error) {
        log.warn({ error: String(error).slice(0, 500) }, 'a history cannot be filled in now; trying again');
      } finally {
        writer.resume();
      }
    }
  }

  return {
    begin,
    start(writer) {
      working = fill(writer);
    },
    state: () => state,
    async stop() {
      stopping.abort();
      // Why it failed is said by whoever asked it to begin.
      await beginning?.catch(() => {});
      await working;
    },
  };
}
