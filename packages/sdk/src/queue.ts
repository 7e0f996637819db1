/**
 * The durable queue: interactions wait here until the collector has them.
 *
 * Oldest first. One leaves only by id after delivery, or by age when the queue is full, and then it is
 * counted. So a crash in mid-flight costs a duplicate, never a loss. All tabs of an origin share it.
 *
 * Where IndexedDB is refused it lives in memory, and is spilled to localStorage when the page goes.
 */
import { ACCEPTED_PAST_MS } from '@turnout/schema/wire';
import type { FrozenBatch, WaitingInteraction } from './batch.ts';
import { createDatabase } from './database.ts';
import type { Log } from './debug.ts';
import { local } from './local-storage.ts';
import { quietly } from './quietly.ts';
import { uuidv7 } from './uuid.ts';

/** The queue holds this much text at most; the oldest leave first. */
const MAX_QUEUE_BYTES = 5_000_000;

/** What the queue stores. A quarantined batch was refused by the collector and is kept for whoever looks. */
type Entry =
  | ({ kind: 'interaction' } & WaitingInteraction)
  | ({ kind: 'batch' | 'quarantine' } & FrozenBatch);

/** Why interactions left without being delivered. */
export type DropReason = 'full' | 'expired' | 'denied';

/** See {@link createQueue}. */
export interface Queue {
  /** Returns at once; what one task adds is committed together. */
  add(interaction: WaitingInteraction): void;
  /** What waits, oldest first, own additions included. Drops what is too old or too much. */
  read(): Promise<{ interactions: WaitingInteraction[]; batches: FrozenBatch[] }>;
  /** Stores and deletes in one transaction. */
  write(puts: Entry[], deletes?: string[]): Promise<void>;
  /** True for what this page recorded, and nobody can have sent yet. */
  isFresh(id: string): boolean;
  /** What this page recorded and nobody can have sent yet, oldest first. */
  fresh(): WaitingInteraction[];
  /** Says that these are about to leave. */
  notFresh(ids: string[]): void;
  /** Puts `batches` and all that is not committed yet into localStorage, synchronously. */
  spill(batches: FrozenBatch[]): void;
  /** Takes back what pages spilled as they went. */
  recover(): Promise<void>;
  /** Deletes everything, of all tabs. Resolves with how many interactions that were. */
  purge(): Promise<number>;
}

/** Makes the {@link Queue} of one write key. */
export function createQueue(
  key: string,
  log: Log,
  dropped: (count: number, reason: DropReason) => void,
): Queue {
  const transact = createDatabase(`turnout-${key}`);
  const spillPrefix = `turnout:${key}:spill:`;
  /** What IndexedDB refused. */
  const memory = new Map<string, Entry>();
  /** What is on its way into IndexedDB. */
  const uncommitted = new Map<string, Entry>();
  const fresh = new Map<string, WaitingInteraction>();
  let isCommitAhead = false;
  let committed: Promise<void> = Promise.resolve();
  let storedBytes = 0;
  let purges = 0;

  async function write(puts: Entry[], deletes: string[] = []): Promise<void> {
    const since = purges;
    for (const id of deletes) memory.delete(id);
    try {
      await transact((store) => {
        for (const id of deletes) store.delete(id);
        for (const entry of puts) store.put(entry, entry.id);
        return undefined;
      });
    } catch (error) {
      log.debug('IndexedDB is refused: the queue lives in memory', error);
      if (since === purges) for (const entry of puts) memory.set(entry.id, entry);
    }
  }

  async function commit(): Promise<void> {
    isCommitAhead = false;
    const entries = [...uncommitted.values()];
    await write(entries);
    for (const entry of entries) uncommitted.delete(entry.id);
    if (storedBytes > MAX_QUEUE_BYTES) await load();
  }

  async function stored(): Promise<Entry[]> {
    const entries = await transact<Entry[]>((store) => store.getAll()).catch(() => []);
    return [...entries, ...memory.values()];
  }

  async function load() {
    const entries = (await stored()).sort((a, b) => a.at - b.at);
    const oldest = Date.now() - ACCEPTED_PAST_MS;
    storedBytes = entries.reduce((sum, entry) => sum + size(entry), 0);
    const expired = entries.filter((entry) => entry.at < oldest);
    const full: Entry[] = [];
    for (const entry of expired) storedBytes -= size(entry);
    for (const entry of entries.slice(expired.length)) {
      if (storedBytes <= MAX_QUEUE_BYTES) break;
      full.push(entry);
      storedBytes -= size(entry);
    }
    const gone = [...expired, ...full].map((entry) => entry.id);
    if (gone.length) {
      await write([], gone);
      if (expired.length) dropped(count(expired), 'expired');
      if (full.length) dropped(count(full), 'full');
    }
    const waiting = entries.slice(gone.length);
    const ids = new Set(waiting.map((entry) => entry.id));
    // What is neither waiting nor on its way was sent by another tab.
    for (const id of fresh.keys()) if (!ids.has(id) && !uncommitted.has(id)) fresh.delete(id);
    return {
      interactions: waiting.filter((entry) => entry.kind === 'interaction'),
      batches: waiting.filter((entry): entry is Entry & { kind: 'batch' } => entry.kind === 'batch'),
    };
  }

  return {
    add(interaction) {
      const entry: Entry = { kind: 'interaction', ...interaction };
      uncommitted.set(entry.id, entry);
      fresh.set(entry.id, interaction);
      storedBytes += size(entry);
      if (isCommitAhead) return;
      isCommitAhead = true;
      committed = committed.then(commit);
    },
    read: () => committed.then(load),
    write,
    isFresh: (id) => fresh.has(id),
    fresh: () => [...fresh.values()],
    notFresh: (ids) => {
      for (const id of ids) fresh.delete(id);
    },
    spill(batches) {
      const sent = new Set(batches.flatMap((batch) => batch.ids));
      const entries: Entry[] = [...uncommitted.values(), ...memory.values()].filter(
        ({ id }) => !sent.has(id),
      );
      for (const batch of batches) entries.push({ kind: 'batch', ...batch });
      // Another page may take the spill over: none of it is ours alone any more.
      fresh.clear();
      if (!entries.length) return;
      if (local.write(spillPrefix + uuidv7(), JSON.stringify(entries))) {
        uncommitted.clear();
        memory.clear();
      } else {
        log.debug('localStorage is refused or full: what is not committed may be lost', entries.length);
      }
    },
    async recover() {
      for (const name of local.names(spillPrefix)) {
        const entries: Entry[] = parse(local.read(name));
        // A spilled batch replaces the interactions it was frozen from.
        await write(
          entries,
          entries.flatMap((entry) => (entry.kind === 'interaction' ? [] : entry.ids)),
        );
        local.remove(name);
      }
    },
    async purge() {
      purges++;
      const gone = new Map([...uncommitted, ...memory]);
      // At once: the page may go, and spill, before the database answers.
      for (const map of [memory, uncommitted, fresh]) map.clear();
      for (const name of local.names(spillPrefix)) local.remove(name);
      await committed;
      for (const entry of await stored()) gone.set(entry.id, entry);
      await transact((store) => store.clear()).catch(() => {}); // Refused: nothing is stored.
      return count([...gone.values()]);
    },
  };
}

const size = (entry: Entry) =>
  entry.kind === 'interaction'
    ? entry.text.length + entry.context.length + entry.owner.length
    : entry.body.length;

const count = (entries: Entry[]) =>
  entries.reduce((sum, entry) => sum + (entry.kind === 'interaction' ? 1 : entry.ids.length), 0);

/** What a spill says. What is not ours says nothing. */
function parse(text: string | null): Entry[] {
  const entries = quietly(() => JSON.parse(text ?? ''), []);
  return Array.isArray(entries) ? entries : [];
}
