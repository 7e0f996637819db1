import { decodeSegment, isInteraction, type LogRecord } from './log/record.ts';
import type { Segment } from './log/segment.ts';
import type { Plan } from './plan.ts';

/** The records of a segment behind its header, in order: an index into this list is what plans speak of. */
export function recordsOf(segment: Segment, bytes: Buffer, end: number): LogRecord[] {
  const { records, state } = decodeSegment(bytes.subarray(0, end));
  if (state !== 'whole') throw new Error(`The segment ${segment.name} is damaged; see docs/operations.md.`);
  return records.slice(1);
}

const LINE_BREAK = Buffer.from('\n');

/** Indexes of the interactions that a plan leaves out. */
export function leftOut(plan: Plan): Set<number> {
  return new Set([...plan.duplicates, ...plan.refused.map(({ index }) => index), ...(plan.erased ?? [])]);
}

/**
 * The interactions of a segment as JSONEachRow, without the ones the plan leaves out.
 *
 * The row's bytes go from the log to the engine as they are: only the closing brace gives way to the
 * block's own column.
 */
export function interactionBlock(records: readonly LogRecord[], plan: Plan): Buffer {
  const left = leftOut(plan);
  const rest = Buffer.from(`,"batch":"${plan.token}"}\n`);
  const pieces: Buffer[] = [];
  for (const [index, record] of records.entries()) {
    if (!isInteraction(record) || left.has(index)) continue;
    pieces.push(record.json.subarray(0, -1), rest);
  }
  return Buffer.concat(pieces);
}

/** The rejected interactions of a segment as JSONEachRow, with those that the database refused. */
export function rejectedBlock(records: readonly LogRecord[], plan: Plan): Buffer {
  const erased = new Set(plan.erased);
  const pieces: Buffer[] = [];
  for (const [index, record] of records.entries())
    if (record.kind === 'r' && !erased.has(index)) pieces.push(record.json, LINE_BREAK);
  for (const { index, message } of plan.refused) {
    const record = records[index];
    if (record && !erased.has(index))
      pieces.push(Buffer.from(refusedRow(record, index, message)), LINE_BREAK);
  }
  return Buffer.concat(pieces);
}

function refusedRow(record: LogRecord, index: number, message: string): string {
  const text = record.json.toString('utf8');
  const row = JSON.parse(text) as Record<string, string>;
  return JSON.stringify({
    site_id: row.site_id,
    received_at: row.received_at,
    received_day: row.received_at?.slice(0, 10),
    batch_id: row.batch_id,
    // Beside what the collector rejected of the same batch: the sum keeps the two apart.
    index: 100_000 + index,
    id: row.id,
    code: 'refused',
    message,
    text: text.slice(0, 4_000),
    user_key: row.user_key,
  });
}
