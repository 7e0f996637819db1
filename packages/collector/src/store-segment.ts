/**
 * One segment: plan (what to leave out) → block → insert under its token → forget.
 */
import { randomUUID } from 'node:crypto';
import { interactionBlock, leftOut, recordsOf, rejectedRows } from './block.ts';
import { findStored, IDS_A_QUERY, ORDER_DAYS } from './duplicates.ts';
import { giveWay, RECORDS_A_TURN } from './give-way.ts';
import { type HalvedOptions, insertHalved } from './insert-halved.ts';
import { findConflicting, KEY_CONFLICT } from './kept-keys.ts';
import type { Disk } from './log/disk.ts';
import type { Log } from './log/log.ts';
import { isInteraction, type LogRecord } from './log/record.ts';
import type { Segment } from './log/segment.ts';
import { findReporters, type OrderReport, whyNotCounted } from './order-report.ts';
import type { Plan, Plans } from './plan.ts';
import { findRefused, InsertRefused, isDataError } from './refused.ts';
import type { RepairNote } from './repair-note.ts';
import { type Sought, soughtIn } from './sought.ts';
import { isStale } from './stale.ts';
import { storeFacts } from './store-facts.ts';

export interface StoreOptions extends HalvedOptions {
  log: Pick<Log, 'remove'>;
  disk: Pick<Disk, 'read'>;
  plans: Plans;
  repairNote: RepairNote;
  /** True when duplicates of its rows may be stored that nobody here remembered. Then every row is looked up. */
  looksUpAll: (segment: Segment) => boolean;
  /**
   * True for what was recorded of a person before they were erased. `isPlanned`: the record stands in a plan that
   * may have been carried out in part, which an erasure that is under way lets happen and then deletes.
   */
  isErased?: (record: LogRecord, state: { isPlanned: boolean }) => boolean;
  /** Reads what others erased, before a segment is planned. When it throws, the segment waits. */
  hearErasures?: () => Promise<void>;
  /** How many ids a look-up may carry in its address; see {@link findStored}. */
  idsAQuery?: number;
  onInserted?: (details: { rows: number; duplicates: number; refused: number; seconds: number }) => void;
  now?: () => number;
}

/**
 * Brings one segment into the database and forgets it.
 *
 * @throws DatabaseError and whatever the disk says; then nothing is lost, and the same call goes on from
 * where this one stood.
 */
export async function storeSegment(segment: Segment, options: StoreOptions): Promise<void> {
  const { disk, plans, log, now = Date.now } = options;
  await options.hearErasures?.();
  const bytes = await disk.read(segment.name);
  const kept = await plans.read(segment);
  const records = await recordsOf(segment, bytes, kept?.bytes ?? segment.bytes);
  const plan = kept
    ? await stillGood(kept, segment, records, options)
    : await newPlan(segment, records, options);

  const started = now();
  const written = await insert(segment, records, plan, options);
  await log.remove(segment);
  await plans.remove(segment);
  options.onInserted?.({
    rows: records.length - leftOut(written).size,
    duplicates:
      written.duplicates.filter((index) => records[index]?.kind !== 'k').length +
      (written.retold?.length ?? 0),
    refused: written.refused.length,
    seconds: (now() - started) / 1000,
  });
}

async function newPlan(
  segment: Segment,
  records: readonly LogRecord[],
  options: StoreOptions,
): Promise<Plan> {
  const { now = Date.now } = options;
  const known = findErased(records, options, { isPlanned: false });
  const found = await findDuplicates(records, known, options.looksUpAll(segment), options);
  // Looking up may have taken longer than an erasure waits for news to spread; an insert that runs it sees.
  await options.hearErasures?.();
  const erased = findErased(records, options, { isPlanned: false });
  const plan = {
    token: segment.id,
    planned_at: now(),
    bytes: segment.bytes,
    ...found,
    refused: [],
    erased,
  };
  await options.plans.write(segment, plan);
  return plan;
}

/**
 * A replay carries out the plan it finds, unless the tables have forgotten its token. Then the block
 * would be counted again: raw is completed row by row instead, under a new token, and rollups that the
 * first attempt left half written are for `turnout verify --repair`.
 */
async function stillGood(
  plan: Plan,
  segment: Segment,
  records: readonly LogRecord[],
  options: StoreOptions,
): Promise<Plan> {
  const { database, plans, repairNote, now = Date.now } = options;
  if (!(await isStale(database, plan, now()))) {
    // The rows of the erased may be gone with their part, and with that the memory of the block: again it would
    // bring them back. In memory only, because the plan on disk is what was tried.
    const erased = findErased(records, options, { isPlanned: true });
    return { ...plan, erased: [...(plan.erased ?? []), ...erased] };
  }
  await repairNote.write(
    `The segment ${segment.name} was tried once and came back after the database had forgotten it. ` +
      'Run "turnout verify --repair".',
  );
  const erased = findErased(records, options, { isPlanned: false });
  const found = await findDuplicates(records, erased, true, options);
  const renewed = { ...plan, token: randomUUID(), planned_at: now(), ...found, erased };
  await plans.write(segment, renewed);
  return renewed;
}

/** Indexes of what was recorded of people before they were erased. */
function findErased(
  records: readonly LogRecord[],
  { isErased }: Pick<StoreOptions, 'isErased'>,
  state: { isPlanned: boolean },
): number[] {
  return isErased ? [...records.keys()].filter((index) => isErased(records[index] as LogRecord, state)) : [];
}

/** Records that are stored already, stand twice in this segment, or tell of an order that somebody else told of first. */
async function findDuplicates(
  records: readonly LogRecord[],
  erased: readonly number[],
  lookUpAll: boolean,
  { database, idsAQuery = IDS_A_QUERY }: Pick<StoreOptions, 'database' | 'idsAQuery'>,
): Promise<Pick<Plan, 'duplicates' | 'retold'>> {
  // Before the rest: a twin of what is left out because of its key is no duplicate.
  const conflicting = await findConflicting(database, records);
  const isRow = (index: number) => isInteraction(records[index] as LogRecord);
  // Who sent it was told that it is taken: only the reason that is kept says why it does not count. Not so of who was erased.
  const unkept = conflicting
    .filter((index) => isRow(index) && !erased.includes(index))
    .map((index) => ({ index, message: KEY_CONFLICT }));
  const duplicates = conflicting.filter((index) => !isRow(index));
  const left = new Set([...erased, ...conflicting]);
  const seen = new Set<string>();
  const doubtful: Doubtful[] = [];
  const lines: OrderLine[] = [];
  for (const [index, record] of records.entries()) {
    if (index % RECORDS_A_TURN === RECORDS_A_TURN - 1) await giveWay();
    if (!isInteraction(record) || left.has(index)) continue;
    const { key } = record;
    const sought = lookUpAll || record.kind === 'd' ? soughtIn(record) : undefined;
    const report = sought?.report;
    if (report) lines.push({ ...sought, index, key, report });
    else if (seen.has(key)) duplicates.push(index);
    else if (sought) doubtful.push({ ...sought, index, key });
    seen.add(key);
  }
  const stored = await findStored(database, [...doubtful, ...lines], idsAQuery);
  for (const { key, index } of doubtful) if (stored.has(key)) duplicates.push(index);
  const judged = await judgeLines(lines, stored, { database, idsAQuery });
  return {
    duplicates: [...new Set([...duplicates, ...judged.duplicates])].sort((a, b) => a - b),
    retold: [...unkept, ...judged.retold],
  };
}

interface Doubtful extends Sought {
  index: number;
  key: string;
}
type OrderLine = Doubtful & { report: OrderReport };

/**
 * Which lines are told already, and which belong to an order that somebody else told of first, here or in the tables.
 * One after the other: a line that is left out makes no duplicate of the same one by whom the order belongs to.
 */
async function judgeLines(
  lines: readonly OrderLine[],
  stored: ReadonlySet<string>,
  { database, idsAQuery }: { database: StoreOptions['database']; idsAQuery: number },
): Promise<Required<Pick<Plan, 'duplicates'>> & { retold: NonNullable<Plan['retold']> }> {
  const duplicates: number[] = [];
  const retold: NonNullable<Plan['retold']> = [];
  const kept = new Set(stored);
  const unknown = lines.filter(({ key }) => !stored.has(key));
  const reporters = await findReporters(database, unknown, { idsAQuery, daysAround: ORDER_DAYS });
  for (const { key, index, report } of lines) {
    // What adds nothing tells nothing.
    const message = kept.has(key) ? undefined : whyNotCounted(reporters, report);
    if (kept.has(key)) duplicates.push(index);
    else if (message === undefined) kept.add(key);
    else retold.push({ index, message });
  }
  return { duplicates, retold };
}

/** @returns The plan that was carried out: the database may have refused rows. */
async function insert(
  segment: Segment,
  records: readonly LogRecord[],
  plan: Plan,
  options: StoreOptions,
): Promise<Plan> {
  const { database, plans } = options;
  const block = await interactionBlock(records, plan);
  if (block.byteLength > 0) {
    try {
      await database.insertBlock('turnout.interactions', plan.token, block);
    } catch (error) {
      if (!isDataError(error)) throw error;
      // Such an error comes before anything is written, so the block may still become another one.
      const refused = await findRefused(database, records, plan);
      if (refused.length === 0) {
        throw new InsertRefused('The block is refused, but each of its rows is fine.', { cause: error });
      }
      const lessRefused = { ...plan, refused: [...plan.refused, ...refused] };
      await plans.write(segment, lessRefused);
      return insert(segment, records, lessRefused, options);
    }
  }
  const rejected = rejectedRows(records, plan);
  if (rejected.length > 0) {
    await insertHalved('turnout.rejected_interactions', `${plan.token}-rejected`, rejected, options);
  }
  await storeFacts(records, plan, options);
  return plan;
}
