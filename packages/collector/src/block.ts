import { cleanText } from './clean.ts';
import { giveWay, RECORDS_A_TURN } from './give-way.ts';
import { isInteraction, type LogRecord, readRecords } from './log/record.ts';
import type { Segment } from './log/segment.ts';
import type { Plan } from './plan.ts';

/**
 * The records of a segment behind its header, in order: an index into this list is what plans speak of.
 *
 * @throws Error when it is damaged.
 */
export async function recordsOf(segment: Segment, bytes: Buffer, end: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const reading = readRecords(bytes.subarray(0, end));
  let next = reading.next();
  for (; !next.done; next = reading.next()) {
    records.push(next.value);
    if (records.length % RECORDS_A_TURN === 0) await giveWay();
  }
  if (next.value !== end) throw new Error(`The segment ${segment.name} is damaged; see docs/operations.md.`);
  return records.slice(1);
}

/** Indexes of the interactions that a plan leaves out. */
export function leftOut(plan: Plan): Set<number> {
  const { duplicates, refused, retold = [], erased = [] } = plan;
  return new Set([...duplicates, ...[...refused, ...retold].map(({ index }) => index), ...erased]);
}

/**
 * The interactions of a segment as JSONEachRow, without the ones the plan leaves out.
 *
 * The row's bytes go from the log to the engine as they are: only the closing brace gives way to the
 * block's own column.
 */
export async function interactionBlock(records: readonly LogRecord[], plan: Plan): Promise<Buffer> {
  const left = leftOut(plan);
  const rest = Buffer.from(`,"batch":"${plan.token}"}\n`);
  const rows = records.filter((record, index) => isInteraction(record) && !left.has(index));
  const block = Buffer.allocUnsafe(
    rows.reduce((sum, { json }) => sum + json.byteLength - 1 + rest.byteLength, 0),
  );
  let at = 0;
  for (const [index, { json }] of rows.entries()) {
    at += json.copy(block, at, 0, json.byteLength - 1);
    at += rest.copy(block, at);
    if (index % RECORDS_A_TURN === RECORDS_A_TURN - 1) await giveWay();
  }
  return block;
}

/** The rejected interactions of a segment, each as JSON, with those that the plan rejects. */
export function rejectedRows(records: readonly LogRecord[], plan: Plan): Buffer[] {
  const erased = new Set(plan.erased);
  const rows: Buffer[] = [];
  for (const [index, record] of records.entries())
    if (record.kind === 'r' && !erased.has(index)) rows.push(wellFormed(record.json));
  for (const [code, ofCode] of [
    ['refused', plan.refused],
    ['conflict', plan.retold ?? []],
  ] as const)
    for (const { index, message } of ofCode) {
      const record = records[index];
      if (record && !erased.has(index))
        rows.push(wellFormed(Buffer.from(refusedRow(record, { index, code, message }))));
    }
  return rows;
}

/** What was sent may hold half a character, or was cut in the middle of one: the database refuses that. */
function wellFormed(json: Buffer): Buffer {
  if (!json.includes('\\u')) return json;
  const mend = (_: string, value: unknown) => (typeof value === 'string' ? cleanText(value) : value);
  return Buffer.from(JSON.stringify(JSON.parse(json.toString('utf8'), mend)));
}

function refusedRow(
  record: LogRecord,
  { index, code, message }: { index: number; code: string; message: string },
): string {
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
    code,
    message,
    text: text.slice(0, 4_000),
    user_key: row.user_key,
  });
}
