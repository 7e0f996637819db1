/**
 * The one writer behind the queue: a block is kept, planned, inserted under its token and forgotten, and no other
 * block is begun before that. It is the Node collector's way, with the storage of a Durable Object as its disk.
 */
import { randomUUID } from 'node:crypto';
import { createCaps } from '../caps.ts';
import { decodeSegment, encodeRecords, type LogEntry } from '../log/record.ts';
import { headerOf, SEGMENT_SUFFIX, type Segment, segmentName } from '../log/segment.ts';
import { openPlans } from '../plan.ts';
import { openRemovals, WHOLE_SITE } from '../privacy/site-removal.ts';
import { openTombstones } from '../privacy/tombstones.ts';
import { openSalts, type Salts } from '../pseudonym.ts';
import { readCapped } from '../read-capped.ts';
import { openRepairNote } from '../repair-note.ts';
import { storeSegment } from '../store-segment.ts';
import type { WritableDatabase } from '../writable-database.ts';
import type { ObjectStorage } from './bindings.ts';
import { completeEntries } from './complete.ts';
import { type Counts, openCounting } from './counts.ts';
import { IDS_A_QUERY, lookUp, lookUpErasures } from './look-up.ts';
import type { QueuedEntry } from './messages.ts';
import { diskOver } from './object-disk.ts';

export interface EdgeWriter {
  /** Stores entries as one block. When it throws, the block may be kept; the next call begins with it. */
  store(entries: readonly QueuedEntry[]): Promise<Outcome>;
  salt: Salts;
  state(): Promise<WriterState>;
  counts(): Counts;
  /** `turnout verify --repair` has run. */
  repaired(): Promise<void>;
}

export interface WriterState {
  isReachable: boolean;
  /** Blocks that were begun and are not stored yet: one at most. */
  waiting: number;
  /** Why "turnout verify --repair" ought to run. */
  repair?: string;
}

/** What became of the rows of a block. */
export interface Outcome {
  rows: number;
  duplicates: number;
  refused: number;
}

export interface EdgeWriterOptions {
  storage: ObjectStorage;
  database: WritableDatabase;
  log: { error(details: object, message: string): void };
  now?: () => number;
}

const NOTHING: Outcome = { rows: 0, duplicates: 0, refused: 0 };
/** Tombstones are kept by whoever erases; here they are only read from the tables. */
const NOWHERE = { list: async () => [], read: async () => Buffer.alloc(0), write: async () => {} };

export async function openEdgeWriter(options: EdgeWriterOptions): Promise<EdgeWriter> {
  const { storage, database, log, now = Date.now } = options;
  const disk = diskOver(storage);
  const [counting, plans, note, saltOf] = [
    await openCounting(storage),
    await openPlans(disk),
    await openRepairNote(disk),
    await openSalts(disk, now),
  ];
  const caps = createCaps({ onCapped: () => {} });
  let capsRead: Promise<void> | undefined;
  // One block at a time: what a look-up does not find is then certainly not stored.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(act);
    turn = result.catch(() => undefined); // Whoever asked gets the error; the next one still has its turn.
    return result;
  };

  const segmentNames = async () => (await disk.list()).filter((name) => name.endsWith(SEGMENT_SUFFIX)).sort();

  async function storeKept(name: string): Promise<Outcome> {
    const bytes = await disk.read(name);
    const segment = segmentOf(name, bytes);
    const tombstones = await openTombstones(NOWHERE);
    // Anew for each attempt: people may have been erased since the block was kept.
    const erasures = await lookUpErasures(database, rowsOf(bytes));
    tombstones.learn(erasures.filter(({ user_key }) => user_key !== WHOLE_SITE));
    // A site that is deployed again under its name is another one: what was taken before its end goes.
    const removals = await openRemovals(NOWHERE, () => true);
    for (const { site_id, user_key, at } of erasures)
      if (user_key === WHOLE_SITE) removals.learn(site_id, at);
    let outcome = NOTHING;
    await storeSegment(segment, {
      disk,
      log: { remove: () => disk.remove(name) },
      plans,
      database,
      repairNote: note,
      // A queue delivers at least once, and says nothing when it repeats itself.
      looksUpAll: () => true,
      idsAQuery: IDS_A_QUERY,
      isErased: (record, state) => tombstones.isErased(record, state) || removals.isRemoved(record),
      onFactRefused: (details) =>
        log.error(details, 'a fact about a person or thing is refused, and left out'),
      onInserted: (details) => {
        outcome = details;
      },
      now,
    }).catch(async (error) => {
      await counting.failed();
      throw error;
    });
    await counting.stored(recordsIn(bytes), outcome);
    return outcome;
  }

  return {
    store: (entries) =>
      inTurn(async () => {
        for (const name of await segmentNames()) await storeKept(name);
        if (entries.length === 0) return NOTHING;
        capsRead ??= readCapped(database, caps).catch((error) => {
          log.error(
            { error: String(error).slice(0, 500) },
            'what sites sent this month cannot be read; they start anew',
          );
        });
        await capsRead;
        const parsed = entries.map(({ json }) => JSON.parse(json) as { site_id: string });
        const found = await lookUp(database, parsed);
        const year = new Date(now()).getUTCFullYear();
        // A name of its own: a plan that outlived its block would otherwise pass for that of the next one.
        const name = segmentName(now());
        await disk.write(name, encodeSegment(completeEntries(entries, parsed, found, { caps, year }), now()));
        return storeKept(name);
      }),
    salt: saltOf,
    counts: counting.read,
    async state() {
      const repair = note.reason();
      return {
        isReachable: await database.ping(),
        waiting: (await segmentNames()).length,
        ...(repair === undefined ? {} : { repair }),
      };
    },
    repaired: () => inTurn(() => note.clear()),
  };
}

function encodeSegment(entries: readonly LogEntry[], at: number): Uint8Array {
  return Buffer.concat([headerOf(randomUUID(), at), encodeRecords(entries)]);
}

function segmentOf(name: string, bytes: Buffer): Segment {
  const [header, ...records] = decodeSegment(bytes).records;
  if (!header) throw new Error(`The block ${name} has no header; see docs/edge.md.`);
  const { created_at } = JSON.parse(String(header.json)) as { created_at: number };
  return { id: header.key, name, bytes: bytes.byteLength, rows: records.length, since: created_at };
}

const recordsIn = (bytes: Buffer) => decodeSegment(bytes).records.slice(1);

const rowsOf = (bytes: Buffer) =>
  recordsIn(bytes).map(({ json }) => JSON.parse(String(json)) as { site_id: string; user_key?: string });
