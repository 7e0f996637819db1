/**
 * The durable queue: interactions wait here until the collector has them.
 *
 * Oldest first. One leaves only by id after delivery, or by age when the queue is full, and then it is
 * counted, and the count waits to be told to the collector. So a crash in mid-flight costs a duplicate,
 * never a loss. All tabs of an origin share it.
 *
 * What IndexedDB does not have yet lies in memory, and is spilled to localStorage when the page goes. Where
 * IndexedDB is refused, that is all there is.
 */
import { ACCEPTED_PAST_MS } from '@turnout/schema/wire';
import { type FrozenBatch, utf8Length, type WaitingInteraction } from './batch.ts';
import { now } from './clock.ts';
import { createDatabase } from './database.ts';
import type { Log } from './debug.ts';
import { toJson } from './json.ts';
import { local } from './local-storage.ts';
import { quietly } from './quietly.ts';
import { uuidv7 } from './uuid.ts';

/** The queue holds this much at most; the oldest leave first. */
const MAX_QUEUE_BYTES = 5_000_000;
/** A spill takes no more of what the page has for itself. */
const MAX_SPILL_LENGTH = 1_000_000;

/**
 * What the queue stores. A quarantined batch was refused by the collector and is kept for whoever looks; a
 * drop says how many interactions were dropped, until a batch does.
 */
export type Entry =
  | ({ kind: 'interaction'; bytes: number } & WaitingInteraction)
  | ({ kind: 'batch' | 'quarantine' } & FrozenBatch)
  | { kind: 'drop'; id: string; at: number; bytes: 0; dropped: number };

/** Why interactions left without being delivered. */
export type DropReason = 'full' | 'expired' | 'denied';

/** See {@link createQueue}. */
export interface Queue {
  /** Returns at once; what one task adds is committed together. */
  add(interaction: WaitingInteraction): void;
  /** What is there, oldest first, own additions included. Drops what is too old or too much. */
  read(): Promise<Entry[]>;
  /** Stores and deletes, in one transaction with whatever else is on its way. Never rejects. */
  write(puts: Entry[], deletes?: string[]): Promise<void>;
  /** What this page recorded and nobody can have sent yet, oldest first. Whoever sends it takes it out. */
  readonly fresh: Map<string, WaitingInteraction>;
  /** Puts `batches` and all that is not committed yet into localStorage, synchronously. */
  spill(batches: FrozenBatch[]): void;
  /** Takes back what pages spilled as they went. Never rejects. */
  recover(): Promise<void>;
  /** Deletes everything, of all tabs. Resolves with how many interactions that were. */
  purge(): Promise<number>;
}

/** How a batch is stored: whoever reads it cannot know whether it left before. */
export const asStored = (batch: FrozenBatch): Entry => ({
  kind: 'batch',
  ...batch,
  attempt: batch.attempt + 1,
});

/** Notes that interactions were dropped: the next batch tells. */
export const aDrop = (dropped: number): Entry => ({
  kind: 'drop',
  id: uuidv7(),
  at: now(),
  bytes: 0,
  dropped,
});

/** Makes the {@link Queue} of one write key. */
export function createQueue(
  key: string,
  log: Log,
  dropped: (count: number, reason: DropReason) => void,
): Queue {
  const transact = createDatabase(`turnout-${key}`);
  const spillPrefix = `turnout:${key}:spill:`;
  /** What IndexedDB does not know yet, by id; undefined is to be deleted. */
  const pending = new Map<string, Entry | undefined>();
  const fresh = new Map<string, WaitingInteraction>();
  let isCommitAhead = false;
  let hasSpilled = false;
  let mustClear = false;
  let storedBytes = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: what one reads, no other changes meanwhile. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work);
    last = turn.catch(() => {}); // Whoever waits for the turn hears of it.
    return turn;
  }

  function write(puts: Entry[], deletes: string[] = []): Promise<void> {
    // Or else a spill brings back what is deleted here.
    if (hasSpilled) void recover();
    for (const id of deletes) {
      pending.set(id, undefined);
      // What others take the place of may have no other copy that outlives this page.
      if (!puts.length) unspill(id);
    }
    for (const entry of puts) pending.set(entry.id, entry);
    if (!isCommitAhead) {
      isCommitAhead = true;
      void inTurn(() => exchange(false));
    }
    return last.then(() => {});
  }

  const unspill = (id: string) => local.remove(spillPrefix + id);

  /** Gives IndexedDB what it does not know yet; when it is read too, resolves with all there is. */
  async function exchange(isRead: boolean): Promise<Entry[]> {
    isCommitAhead = false;
    let left: Entry[] = [];
    let changes: typeof pending = new Map();
    try {
      await transact((store) => {
        const change = () => {
          changes = new Map(pending);
          if (mustClear) store.clear();
          for (const [id, entry] of changes) {
            if (entry) store.put(entry, id);
            else store.delete(id);
          }
          store.transaction.commit?.();
        };
        if (!isRead) return change();
        const all = store.getAll();
        all.onsuccess = () => {
          // Read and changed in one transaction: no other tab drops, and counts, the same.
          left = sift(mustClear ? [] : all.result);
          change();
        };
      });
      mustClear = false;
      // What changed once more meanwhile is still to come.
      for (const [id, entry] of changes) {
        // Only now: what IndexedDB refuses is in memory, and its spill is what outlives this page.
        if (pending.get(id) === entry && pending.delete(id)) unspill(id);
      }
    } catch (error) {
      log.debug('IndexedDB is refused: the queue lives in memory', error);
      return sift([]);
    }
    return isRead || storedBytes <= MAX_QUEUE_BYTES ? left : exchange(true);
  }

  /** Decides who stays, of what IndexedDB has and what it does not know yet. */
  function sift(stored: Entry[]): Entry[] {
    const known = new Map(stored.filter(isEntry).map((entry) => [entry.id, entry]));
    for (const [id, entry] of pending) {
      if (entry) known.set(id, entry);
      else known.delete(id);
    }
    // What is not there was sent by another tab.
    for (const id of fresh.keys()) if (!known.has(id)) fresh.delete(id);
    const entries = [...known.values()].sort((a, b) => a.at - b.at);
    const oldest = now() - ACCEPTED_PAST_MS;
    storedBytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const lost = { expired: 0, full: 0 };
    let untold = 0;
    const left = entries.filter((entry) => {
      const isExpired = entry.at < oldest;
      if (entry.kind === 'drop' || (!isExpired && storedBytes <= MAX_QUEUE_BYTES)) return true;
      pending.set(entry.id, undefined);
      storedBytes -= entry.bytes;
      lost[isExpired ? 'expired' : 'full'] += count(entry);
      untold += count(entry) + (entry.kind === 'batch' ? entry.dropped : 0);
      return false;
    });
    if (untold) {
      const drop = aDrop(untold);
      pending.set(drop.id, drop);
      left.push(drop);
    }
    for (const reason of ['expired', 'full'] as const) if (lost[reason]) dropped(lost[reason], reason);
    return left;
  }

  function recover(): Promise<void> {
    hasSpilled = false;
    const entries: Entry[] = [];
    for (const name of local.names(spillPrefix)) {
      const entry: Entry = quietly(() => JSON.parse(local.read(name) ?? ''));
      if (isEntry(entry)) entries.push(entry);
      else local.remove(name);
    }
    if (!entries.length) return Promise.resolve();
    // A spilled batch replaces the interactions it was frozen from.
    return write(
      entries,
      entries.flatMap((entry) => ('ids' in entry ? entry.ids : [])),
    );
  }

  return {
    add(interaction) {
      const { id, text, context, owner } = interaction;
      const bytes = utf8Length(text + context + owner);
      fresh.set(id, interaction);
      storedBytes += bytes;
      void write([{ kind: 'interaction', ...interaction, bytes }]);
    },
    read: () => inTurn(() => exchange(true)),
    write,
    fresh,
    spill(batches) {
      for (const batch of batches) {
        for (const id of batch.ids) pending.set(id, undefined);
        pending.set(batch.id, asStored(batch));
      }
      // Another page may take the spill over: none of it is ours alone any more.
      fresh.clear();
      let room = MAX_SPILL_LENGTH;
      // The newest first, in case not all of it fits.
      for (const [id, entry] of [...pending].reverse()) {
        if (!entry) continue;
        const text = quietly(() => toJson(entry)) ?? '';
        room -= text.length;
        if (room < 0 || !local.write(spillPrefix + id, text)) {
          log.debug(`localStorage is refused or full: ${pending.size} may be lost`);
          return;
        }
        hasSpilled = true;
        pending.delete(id);
      }
    },
    recover,
    purge() {
      const gone = new Map(pending);
      // At once: the page may go, and spill, before the database answers.
      pending.clear();
      fresh.clear();
      hasSpilled = false;
      for (const name of local.names(spillPrefix)) local.remove(name);
      return inTurn(async () => {
        try {
          await transact((store) => {
            const all = store.getAll();
            all.onsuccess = () => {
              for (const entry of all.result as Entry[]) gone.set(entry.id, entry);
            };
            store.clear();
          });
        } catch {
          mustClear = true; // Whatever is still stored goes with the next transaction that is not refused.
        }
        return [...gone.values()].reduce((sum, entry) => sum + (entry ? count(entry) : 0), 0);
      });
    },
  };
}

/** How many interactions leave with an entry. Those of a quarantined batch were counted when it was refused. */
const count = (entry: Entry) =>
  entry.kind === 'interaction' ? 1 : entry.kind === 'batch' ? entry.ids.length : 0;

/** Anybody on the page can write here; what is not ours is left alone. */
const isEntry = (entry: Entry | null) => typeof entry?.bytes === 'number' && typeof entry.id === 'string';
