/**
 * The durable log: what is appended here is acknowledged, and stays until it is in ClickHouse.
 *
 * `append` resolves when its records are on the medium. Records are written and synced in groups: while
 * one group syncs, the next gathers. A segment becomes one block of the database; segments leave oldest
 * first, through `remove`.
 */
import { randomUUID } from 'node:crypto';
import type { Disk, DiskFile } from './disk.ts';
import { encodeRecords, type LogEntry } from './record.ts';
import { type DamagedSegment, recover } from './recover.ts';
import type { Reserve } from './reserve.ts';
import { headerOf, type Segment, segmentName } from './segment.ts';

export interface Log {
  /**
   * Resolves when the entries are on disk.
   *
   * @throws LogFull when the log has reached its limit; DiskFull when the room that is left is needed to
   * drain; LogBusy when more waits for the disk than memory should hold; LogFailed when the disk refuses. In each case none of the entries counts as written.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** Why hardly anything could be appended now: LogFull near its limit, DiskFull as above. Undefined while there is room. */
  whyFull(): Error | undefined;
  /** The oldest sealed segment. */
  oldest(): Segment | undefined;
  /** Sealed segments that an earlier run left. */
  inherited(): Segment[];
  /** The segment being appended to; undefined before its first record. */
  current(): { rows: number; since: number } | undefined;
  /** Ends the current segment, so that the writer can take it. */
  seal(): Promise<void>;
  /** Forgets a segment: it is in the database. */
  remove(segment: Segment): Promise<void>;
  /** Bytes of all segments. */
  bytes(): number;
  /** Why entries were refused within the last half minute; undefined once some could be written again. */
  failure(): Error | undefined;
  /** When the oldest record came that is not in the database yet. */
  since(): number | undefined;
  /** Segments that were damaged in the middle and set aside at the start. */
  damaged: readonly DamagedSegment[];
  /** Waits for the group under way; nothing can be appended afterwards. */
  close(): Promise<void>;
}

/** The log is at its limit: the database is away, or more comes than it takes. Try again later. */
export class LogFull extends Error {}
/** The disk is full, so the log only drains. Try again later. */
export class DiskFull extends Error {}
/** The disk takes less than what comes. Try again later. */
export class LogBusy extends Error {}
/** The disk did not take a group. Nothing of it is acknowledged. */
export class LogFailed extends Error {}

export interface LogOptions {
  disk: Disk;
  maxBytes: number;
  /** While it is given up nothing is taken: what room there is serves to drain. */
  reserve?: Pick<Reserve, 'isKept'>;
  /** A segment of this many rows is sealed. */
  maxSegmentRows?: number;
  maxSegmentBytes?: number;
  /** So much waits for the disk in memory, and no more. */
  maxWaitingBytes?: number;
  /** Is called when entries begin to be refused. */
  onFailure?: (failure: Error) => void;
  now?: () => number;
}

const FAILURE_FRESH_MS = 30_000;
/** From this share of its limit on the log counts as full. */
const NEARLY_FULL = 0.99;
const MAX_SEGMENT_ROWS = 30_000;
const MAX_SEGMENT_BYTES = 32 * 1024 * 1024;
/** Many seconds of the heaviest load: who comes later would only wait longer. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** What gathers while a disk hangs would make a segment that the reserve could not hold once more. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024;

interface Open extends Segment {
  file: DiskFile;
}

interface Waiting {
  bytes: Buffer;
  rows: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Opens the log of a folder: segments of an earlier run are sealed, a torn tail is cut off. */
export async function openLog(options: LogOptions): Promise<Log> {
  const { disk, maxBytes, now = Date.now } = options;
  const maxRows = options.maxSegmentRows ?? MAX_SEGMENT_ROWS;
  const maxSegmentBytes = options.maxSegmentBytes ?? MAX_SEGMENT_BYTES;
  const maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
  const { sealed, damaged, lastNumber } = await recover(disk, now);

  let number = lastNumber;
  let open: Open | undefined;
  const waiting: Waiting[] = [];
  let waitingBytes = 0;
  let closed = false;
  let failure: Error | undefined;
  let failedAt = 0;
  // One thing at a time happens to files: groups, seals and removals queue up behind each other.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(act);
    turn = result.catch(() => undefined); // Whoever asked gets the error; the next one still has its turn.
    return result;
  };

  const bytes = () => sealed.reduce((sum, segment) => sum + segment.bytes, open?.bytes ?? 0);

  async function openSegment(): Promise<Open> {
    number += 1;
    const id = randomUUID();
    const since = now();
    const name = segmentName(number);
    const file = await disk.create(name);
    const header = headerOf(id, since);
    try {
      await file.append(header);
    } catch (error) {
      await file.close().catch(() => undefined); // What counts is the error that brought us here.
      await disk.remove(name).catch(() => undefined); // An empty segment is dropped at the next start too.
      throw error;
    }
    return { id, name, file, bytes: header.byteLength, rows: 0, since };
  }

  /** The requests that are written next: what waits, up to a size. */
  function takeGroup(): Waiting[] {
    let count = 0;
    let size = 0;
    for (const one of waiting) {
      if (count > 0 && size + one.bytes.byteLength > MAX_GROUP_BYTES) break;
      count += 1;
      size += one.bytes.byteLength;
    }
    waitingBytes -= size;
    return waiting.splice(0, count);
  }

  function refuse(reason: Error): void {
    if (!failure) options.onFailure?.(reason);
    failure = reason;
    failedAt = now();
  }

  /** One error for all that is refused until there is room: making one costs a tenth of such a refusal. */
  function refuseAsFull(): Error {
    const reason =
      failure instanceof LogFull
        ? failure
        : new LogFull(`The log holds ${bytes()} bytes, its limit is ${maxBytes}.`);
    refuse(reason);
    return reason;
  }

  const whyDiskIsFull = () =>
    options.reserve && !options.reserve.isKept()
      ? new DiskFull('The disk is full: what room it has is needed to store the log.')
      : undefined;

  async function writeGroup(): Promise<void> {
    const group = takeGroup();
    if (waiting.length > 0) void inTurn(writeGroup);
    const diskIsFull = whyDiskIsFull();
    if (diskIsFull) {
      for (const one of group) one.reject(diskIsFull);
      return;
    }
    try {
      open ??= await openSegment();
      const lines = Buffer.concat(group.map((one) => one.bytes));
      await open.file.append(lines);
      await open.file.sync();
      open.bytes += lines.byteLength;
      open.rows += group.reduce((rows, one) => rows + one.rows, 0);
    } catch (error) {
      await abandon();
      const refusal = new LogFailed(`The log cannot be written: ${String(error)}`, { cause: error });
      refuse(refusal);
      for (const one of group) one.reject(refusal);
      return;
    }
    failure = undefined;
    for (const one of group) one.resolve();
    if (open.rows >= maxRows || open.bytes >= maxSegmentBytes) await sealNow();
  }

  /**
   * Gives the current file up after a failed write or sync. What the medium holds of the failed group is
   * unknown (a second sync may claim success for pages that are gone), so the file is never synced
   * again: it ends at its last durable offset.
   */
  async function abandon(): Promise<void> {
    if (!open) return;
    const { file, ...segment } = open;
    open = undefined;
    await file.truncate(segment.bytes).catch(() => undefined); // The offset kept in `bytes` holds all the same.
    await file.close().catch(() => undefined); // Nothing more is asked of this file.
    if (segment.rows > 0) sealed.push(segment);
    else await disk.remove(segment.name).catch(() => undefined); // An empty segment is dropped at the next start too.
  }

  async function sealNow(): Promise<void> {
    if (!open) return;
    const { file, ...segment } = open;
    open = undefined;
    sealed.push(segment);
    // Everything in it is synced: a file that cannot be closed costs a handle and no record.
    await file.close().catch(() => undefined);
  }

  return {
    damaged,
    append(entries) {
      if (closed) return Promise.reject(new LogFailed('The log is closed.'));
      const lines = encodeRecords(entries);
      if (bytes() + waitingBytes + lines.byteLength > maxBytes) return Promise.reject(refuseAsFull());
      // Not a failure of the log: it takes what it can.
      if (waitingBytes + lines.byteLength > maxWaitingBytes) {
        return Promise.reject(new LogBusy(`${waitingBytes} bytes wait for the disk already.`));
      }
      waitingBytes += lines.byteLength;
      return new Promise((resolve, reject) => {
        const isFirst = waiting.length === 0;
        waiting.push({ bytes: lines, rows: entries.length, resolve, reject });
        // The first of a group calls for its turn; the others travel with it.
        if (isFirst) void inTurn(writeGroup);
      });
    },
    whyFull: () => (bytes() + waitingBytes >= NEARLY_FULL * maxBytes ? refuseAsFull() : whyDiskIsFull()),
    oldest: () => sealed[0],
    inherited: () => sealed.filter(({ isInherited }) => isInherited),
    current: () => (open && open.rows > 0 ? { rows: open.rows, since: open.since } : undefined),
    seal: () => inTurn(sealNow),
    remove: (segment) =>
      inTurn(async () => {
        if (failure instanceof LogFull) failure = undefined;
        // First: the file may be gone although its removal failed, and then nobody could ever read it again.
        // A file that stays is found at the next start, and stored again under the same plan.
        sealed.splice(sealed.indexOf(segment), 1);
        await disk.remove(segment.name);
      }),
    bytes,
    // Without traffic nothing tells that the disk is well again, so after a while it may be tried.
    failure: () => (now() - failedAt < FAILURE_FRESH_MS ? failure : undefined),
    since: () => sealed[0]?.since ?? (open && open.rows > 0 ? open.since : undefined),
    async close() {
      closed = true;
      await inTurn(sealNow);
    },
  };
}
