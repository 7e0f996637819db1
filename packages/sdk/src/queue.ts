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
import { aDrop, type Entry, freeze, type WaitingInteraction } from './batch.ts';
import { now } from './clock.ts';
import { createDatabase, done, type Transact } from './database.ts';
import type { Log } from './debug.ts';
import { toJson } from './json.ts';
import { later } from './later.ts';
import { local } from './local-storage.ts';
import { quietly } from './quietly.ts';

/** The queue holds this much at most; the oldest leave first. */
const MAX_QUEUE_BYTES = 5_000_000;
/** A spill takes no more of what the page has for itself. */
const MAX_SPILL_LENGTH = 1_000_000;

/** Why interactions left without being delivered. */
export type DropReason = 'full' | 'expired' | 'denied';

/** See {@link createQueue}. */
export interface Queue {
  /** Returns at once; what one task adds is committed together, in a task after it. */
  add(interaction: WaitingInteraction): void;
  /** What is there, oldest first, own additions and spills included. Drops what is too old or too much. */
  read(): Promise<Entry[]>;
  /** Stores and deletes, in one transaction with whatever else is on its way. Never rejects. */
  write(puts: Entry[], deletes?: Iterable<string>): Promise<unknown>;
  /** Drafts of this page that nobody can have sent yet, oldest first. */
  fresh(): Map<string, Entry>;
  /** Puts all that is not committed yet into localStorage, synchronously. */
  spill(): void;
  /** Deletes everything, of all tabs. Resolves with how many interactions that were. */
  purge(): Promise<number>;
}

/** Makes the {@link Queue} of one write key; in memory alone, where nothing may be stored. */
export function createQueue(
  key: string,
  log: Log,
  dropped: (count: number, reason: DropReason) => void,
  isStored = true,
  refusedAt = () => 0,
): Queue {
  const transact: Transact = isStored
    ? createDatabase(`turnout-${key}`)
    : () => Promise.reject('without cookies');
  const spillPrefix = `turnout:${key}:spill:`;
  /** What IndexedDB does not know yet, by id; undefined is to be deleted. */
  const pending = new Map<string, Entry | undefined>();
  const drafts = new Map<string, Entry>();
  let added: WaitingInteraction[] = [];
  let mustClear = false;
  let storedBytes = 0;
  let commit: Promise<unknown> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const unspill = (id: string) => local.remove(spillPrefix + id);

  function fresh(): Map<string, Entry> {
    for (const draft of freeze(added, 'draft')) {
      drafts.set(draft.id, draft);
      pending.set(draft.id, draft);
      storedBytes += draft.bytes;
    }
    added = [];
    return drafts;
  }

  function write(puts: Entry[], deletes: Iterable<string> = []): Promise<unknown> {
    for (const id of deletes) {
      pending.set(id, undefined);
      drafts.delete(id);
      // What others take the place of may have no other copy that outlives this page.
      if (!puts.length) unspill(id);
    }
    for (const entry of puts) pending.set(entry.id, entry);
    commit ??= exchange();
    return commit;
  }

  /**
   * Gives IndexedDB what it does not know yet; `look` sees before that what it has, and resolves with what
   * it makes of it. One after the other: what one reads, no other changes meanwhile. Never rejects.
   */
  function exchange<Result>(look?: (stored: Entry[]) => Result): Promise<Result | undefined> {
    const turn = last.then(async () => {
      let changes: typeof pending = new Map();
      let seen: Result | undefined;
      if (!look) commit = undefined;
      try {
        await transact(async (store) => {
          // Read and changed in one transaction: no other tab drops, and counts, the same.
          const stored: Entry[] = look ? await done(store.getAll()) : [];
          seen = look?.(mustClear ? [] : stored);
          fresh();
          changes = new Map(pending);
          if (mustClear) store.clear();
          for (const [id, entry] of changes) {
            if (entry) store.put(entry, id);
            else store.delete(id);
          }
          store.transaction.commit?.();
        });
        mustClear = false;
        // What changed once more meanwhile is still to come.
        for (const [id, entry] of changes) {
          // Only now: what IndexedDB refuses is in memory, and its spill is what outlives this page.
          if (pending.get(id) === entry && pending.delete(id)) unspill(id);
        }
      } catch (error) {
        log.debug('in memory', error);
        seen = quietly(() => look?.([]));
      }
      if (!look && storedBytes > MAX_QUEUE_BYTES) void exchange(sift);
      return seen;
    });
    last = turn;
    return turn;
  }

  /** Decides who stays, of what IndexedDB has and what it does not know yet. */
  function sift(stored: Entry[]): Entry[] {
    for (const name of local.names(spillPrefix)) {
      const entry = revive(quietly(() => JSON.parse(local.read(name) ?? '')));
      if (!entry) local.remove(name);
      // What is known here is newer.
      else if (!pending.has(entry.id)) pending.set(entry.id, entry);
    }
    const known = new Map<string, Entry>();
    const own = fresh();
    for (const entry of stored.map(revive)) if (entry) known.set(entry.id, entry);
    for (const [id, entry] of pending) {
      if (entry) known.set(id, entry);
      else known.delete(id);
    }
    for (const { kind, ids } of known.values()) {
      // A page may go between freezing drafts and deleting them.
      if (kind !== 'draft') for (const id of ids) if (known.delete(id)) pending.set(id, undefined);
    }
    // What is not there was sent by another tab.
    for (const id of own.keys()) if (!known.has(id)) own.delete(id);
    const entries = [...known.values()].sort((a, b) => a.at - b.at);
    // Another subdomain's refusal does not reach this origin's queue before it is read.
    const oldest = Math.max(now() - ACCEPTED_PAST_MS, refusedAt());
    storedBytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    return entries.map((entry) => {
      const isExpired = entry.at < oldest;
      if (!isExpired && !(storedBytes > MAX_QUEUE_BYTES)) return entry;
      const gone = entry.ids.length;
      if (gone) dropped(gone, isExpired ? 'expired' : 'full');
      storedBytes -= entry.bytes;
      const drop = aDrop(gone + entry.dropped, entry.id);
      pending.set(drop.id, drop);
      return drop;
    });
  }

  return {
    add(interaction) {
      // A transaction takes longer than all else that a click costs: the browser answers the click first. Should the
      // page go before, what was added is spilled; whoever reads or writes before takes it along. A page in the
      // background answers nobody, and its timers are late.
      if (!added.length) void last.then(() => (document.hidden ? write([]) : later(() => void write([]))));
      added.push(interaction);
    },
    read: async () => (await exchange(sift)) ?? [],
    write,
    fresh,
    spill() {
      // Another page may take the spill over: none of it is ours alone any more.
      fresh().clear();
      if (!isStored) return;
      let room = MAX_SPILL_LENGTH;
      // The newest first, in case not all of it fits.
      for (const [id, entry] of [...pending].reverse()) {
        if (!entry) continue;
        const text = toJson(entry);
        room -= text.length;
        if (room < 0 || !local.write(spillPrefix + id, text)) return log.debug('spill refused', pending.size);
        pending.delete(id);
      }
    },
    async purge() {
      // At once: the page may go, and spill, before the database answers.
      fresh().clear();
      const gone = new Map(pending);
      pending.clear();
      for (const name of local.names(spillPrefix)) local.remove(name);
      await exchange((stored) => {
        // What was recorded since was agreed to again: an exchange that was on its way has stored it.
        for (const entry of stored) (drafts.has(entry.id) ? pending : gone).set(entry.id, entry);
        mustClear = true; // Where this is refused, it goes with the next transaction that is not.
      });
      return [...gone.values()].reduce((sum, entry) => sum + (entry?.ids.length ?? 0), 0);
    },
  };
}

/**
 * Anybody on the page can write here; what is not ours is left alone. Version 0.1.0 stored interactions
 * one by one.
 */
function revive(entry: (Entry & Partial<WaitingInteraction>) | null): Entry | undefined {
  if (typeof entry?.id !== 'string') return;
  if (entry.text) return quietly(() => freeze([entry as WaitingInteraction], 'draft')[0]);
  return Array.isArray(entry.ids) ? entry : undefined;
}
