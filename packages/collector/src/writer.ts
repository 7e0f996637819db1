/**
 * The writer: sealed segments go to the database, oldest first, each as one block, each until the
 * database has acknowledged it.
 *
 * For each segment: plan (what to leave out) → block → insert under the segment's token → forget. A
 * crash between any two steps is repaired by doing the step again: the plan is read instead of made
 * anew, and the same block under the same token changes nothing.
 */

import { interactionBlock, recordsOf, rejectedBlock } from './block.ts';
import type { WritableDatabase } from './database.ts';
import { findStored } from './duplicates.ts';
import type { Disk } from './log/disk.ts';
import type { Log, Segment } from './log/log.ts';
import type { LogRecord } from './log/record.ts';
import type { Plan, Plans } from './plan.ts';
import { findRefused, InsertRefused, isDataError } from './refused.ts';

export interface Writer {
  /** Starts taking segments. */
  start(): void;
  /** Resolves when everything appended before is in the database, or `deadlineMs` have passed. True: all is. */
  drain(deadlineMs: number): Promise<boolean>;
  /** Finishes the segment under way and takes no more until `resume`. The log goes on growing. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops for good, after the segment under way. */
  stop(): Promise<void>;
}

export interface WriterOptions {
  log: Log;
  disk: Disk;
  plans: Plans;
  database: WritableDatabase;
  /** True while ids of before may be missing from memory: then every row is looked up. */
  isYoung: () => boolean;
  onInserted?: (details: { rows: number; duplicates: number; refused: number; seconds: number }) => void;
  onError?: (error: unknown, segment: Segment) => void;
  now?: () => number;
}

/** A segment is sealed this long after its first row … */
const SEAL_AFTER_MS = 500;
/** … or this long when it is nearly empty: a block of few rows costs the database as much as a full one. */
const SEAL_FEW_AFTER_MS = 1_500;
const FEW_ROWS = 100;
const LOOK_EVERY_MS = 50;
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;

export function createWriter(options: WriterOptions): Writer {
  const { log, now = Date.now } = options;
  let stopped = false;
  let paused = false;
  let isDraining = false;
  let wake = () => {};
  let working: Promise<void> | undefined;
  let storing: Promise<void> = Promise.resolve();

  const pauseFor = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function isDue(): boolean {
    const current = log.current();
    if (!current) return false;
    const age = now() - current.since;
    return isDraining || age >= (current.rows < FEW_ROWS ? SEAL_FEW_AFTER_MS : SEAL_AFTER_MS);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped) {
      if (!paused && !log.oldest() && isDue()) await log.seal();
      const segment = paused ? undefined : log.oldest();
      if (!segment) {
        await pauseFor(LOOK_EVERY_MS);
        continue;
      }
      try {
        storing = store(segment, options);
        await storing;
        failures = 0;
      } catch (error) {
        options.onError?.(error, segment);
        failures += 1;
        await pauseFor(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10)));
      }
    }
  }

  return {
    start() {
      working ??= run();
    },
    async drain(deadlineMs) {
      const deadline = now() + deadlineMs;
      isDraining = true;
      wake();
      while ((log.oldest() || log.current()) && now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      isDraining = false;
      if (log.oldest() || log.current()) return false;
      await storing.catch(() => undefined); // The last segment left the log; its plan may still be on its way out.
      return true;
    },
    async pause() {
      paused = true;
      await storing.catch(() => undefined); // The loop reports it; here it only has to have ended.
    },
    resume() {
      paused = false;
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await working;
    },
  };
}

/** Brings one segment into the database and forgets it. */
async function store(segment: Segment, options: WriterOptions): Promise<void> {
  const { disk, plans, log, now = Date.now } = options;
  const bytes = await disk.read(segment.name);
  const kept = await plans.read(segment);
  const records = recordsOf(segment, bytes, kept?.bytes ?? segment.bytes);
  let plan = kept;
  if (!plan) {
    plan = await makePlan(segment, records, options);
    await plans.write(segment, plan);
  }

  const started = now();
  const written = await insert(segment, records, plan, options);
  await log.remove(segment);
  await plans.remove(segment);
  options.onInserted?.({
    rows: records.length - written.duplicates.length - written.refused.length,
    duplicates: written.duplicates.length,
    refused: written.refused.length,
    seconds: (now() - started) / 1000,
  });
}

async function makePlan(
  segment: Segment,
  records: readonly LogRecord[],
  options: WriterOptions,
): Promise<Plan> {
  const duplicates: number[] = [];
  const seen = new Set<string>();
  const doubtful = new Map<string, number>();
  const isYoung = options.isYoung();
  for (const [index, record] of records.entries()) {
    if (record.kind === 'r') continue;
    if (seen.has(record.key)) duplicates.push(index);
    else if (isYoung || record.kind === 'd') doubtful.set(record.key, index);
    seen.add(record.key);
  }
  const rows = [...doubtful.values()].map((index) => JSON.parse(String(records[index]?.json)));
  for (const key of await findStored(options.database, rows)) {
    const index = doubtful.get(key);
    if (index !== undefined) duplicates.push(index);
  }
  return { bytes: segment.bytes, duplicates: duplicates.sort((a, b) => a - b), refused: [] };
}

/** @returns The plan that was carried out: the database may have refused rows. */
async function insert(
  segment: Segment,
  records: readonly LogRecord[],
  plan: Plan,
  options: WriterOptions,
): Promise<Plan> {
  const { database, plans } = options;
  const block = interactionBlock(segment, records, plan);
  let carried = plan;
  if (block.byteLength > 0) {
    try {
      await database.insertBlock('turnout.interactions', segment.id, block);
    } catch (error) {
      if (!isDataError(error)) throw error;
      // Such an error comes before anything is written, so the block may still become another one.
      const refused = await findRefused(database, segment, records, plan);
      if (refused.length === 0)
        throw new InsertRefused('The block is refused, but each of its rows is fine.', { cause: error });
      carried = { ...plan, refused: [...plan.refused, ...refused] };
      await plans.write(segment, carried);
      return insert(segment, records, carried, options);
    }
  }
  const rejected = rejectedBlock(records, carried);
  if (rejected.byteLength > 0) {
    await database.insertBlock('turnout.rejected_interactions', `${segment.id}-rejected`, rejected);
  }
  return carried;
}
