/**
 * Room that is kept free for draining: a file that is really there, given up when the disk is full.
 *
 * To get rid of a segment the collector first has to write: its plan, and at a start the segment anew. On
 * a disk that is full it could neither, and would stay full of its own log. So a start makes this file;
 * a write that draining needs and that finds no room removes it and is tried again. From then on batches
 * are refused, because the room is for what was acknowledged before, until the file could be made again.
 */
import { randomFillSync } from 'node:crypto';
import type { Disk } from './disk.ts';

export interface Reserve {
  /** The folder, for whatever has to be written so that the log drains: such a write may take the reserve. */
  disk: Disk;
  /** Its size, which the limit of the log has to leave. */
  bytes: number;
  /** False: the disk is full, and what room it has belongs to what was acknowledged. */
  isKept(): boolean;
  /**
   * Gives the reserve up if the disk has less room than that. For failures that may come of a full disk
   * and do not say so, such as those of an engine beside the log.
   */
  releaseIfScarce(): Promise<void>;
  /** From now on makes it again as soon as there is room for it, and nothing left that may need that room. */
  watch(isDrained: () => boolean): void;
  /** Tries no more. */
  close(): Promise<void>;
}

export interface ReserveOptions {
  disk: Disk;
  /** What the log may take, reserve included. */
  maxLogBytes: number;
  /** Is called when it is given up, and when it is there again. */
  onChange?: (isKept: boolean) => void;
}

/**
 * A segment is written anew at a start: 32 MiB, and the group that filled it. Its plan names each row by
 * number, and those that the database refuses with up to 500 characters of its words: 16 MiB for 30,000.
 */
const MAX_RESERVE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const TRY_EVERY_MS = 1_000;
const PREFIX = 'reserve-';

/**
 * Finds the reserve of a folder, or makes it. Where little room is left it is given up at once: whatever
 * starts next may need some.
 */
export async function openReserve(options: ReserveOptions): Promise<Reserve> {
  const { disk, maxLogBytes, onChange } = options;
  // Half of a small log: no segment can be larger than the other half.
  const bytes = Math.min(MAX_RESERVE_BYTES, Math.floor(maxLogBytes / 2));
  // The name says the size, and a file gets its name when it is whole.
  const file = `${PREFIX}${bytes}`;
  const unfinished = `${file}.tmp`;
  let isKept = false;
  let isOpen = false;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDrained: (() => boolean) | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const done = turn.then(act);
    turn = done.catch(() => undefined); // Whoever asked gets the error; the next one still has its turn.
    return done;
  };

  function become(next: boolean): void {
    if (isOpen && isKept !== next) onChange?.(next);
    isKept = next;
  }

  async function make(): Promise<void> {
    await disk.remove(file);
    await disk.remove(unfinished);
    const made = await disk.create(unfinished);
    try {
      // Random, so that a file system that compresses keeps as much room as it says.
      const chunk = randomFillSync(Buffer.alloc(Math.min(CHUNK_BYTES, bytes)));
      for (let left = bytes; left > 0; left -= chunk.byteLength)
        await made.append(chunk.subarray(0, Math.min(chunk.byteLength, left)));
      await made.sync();
    } finally {
      await made.close();
    }
    await disk.rename(unfinished, file);
  }

  async function release(): Promise<void> {
    become(false);
    tryLater();
    // Also when it is not there for all we know: a removal that failed is tried again here.
    await disk.remove(file);
  }

  async function restore(): Promise<void> {
    if (isKept) return;
    try {
      const room = await disk.free();
      // While segments wait, one of them or the engine may need that room next: it has to be there twice.
      if (room < (isDrained?.() ? bytes : 2 * bytes)) return;
      await make();
      become(true);
    } catch {
      // The room was taken meanwhile, or the disk fails. What is half made goes; the next try tells.
      await disk.remove(unfinished).catch(() => undefined);
    }
  }

  function tryLater(): void {
    clearTimeout(timer);
    if (isDrained && !isClosed) timer = setTimeout(() => void tryNow(), TRY_EVERY_MS);
  }

  async function tryNow(): Promise<void> {
    await inTurn(restore);
    if (!isKept) tryLater();
  }

  const names = await disk.list();
  for (const name of names) if (name.startsWith(PREFIX) && name !== file) await disk.remove(name);
  if (!names.includes(file)) await restore();
  else if ((await disk.free()) < bytes) await disk.remove(file);
  else isKept = true;
  isOpen = true;
  if (!isKept) onChange?.(false);

  return {
    bytes,
    isKept: () => isKept,
    disk: {
      ...disk,
      async write(name, content) {
        try {
          await disk.write(name, content);
        } catch (error) {
          if (!isOutOfRoom(error)) throw error;
          await inTurn(release);
          await disk.write(name, content).catch((failure) => {
            if (!isOutOfRoom(failure)) throw failure;
            throw new Error(
              `The disk of the log is full: ${name} needs ${content.byteLength} bytes, and the reserve is used up. ` +
                'Make some room; nothing that was acknowledged is lost.',
              { cause: failure },
            );
          });
        }
      },
    },
    async releaseIfScarce() {
      if (isKept && (await disk.free()) < bytes) await inTurn(release);
    },
    watch(drained) {
      isDrained = drained;
      if (!isKept) void tryNow();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await turn;
    },
  };
}

/** The disk is full, or what this user may have of it. */
export function isOutOfRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
