/**
 * The lines of the log: `crc32 kind key json`, one record each, as text that `head` can show.
 *
 * JSON has no raw line breaks, so a line break always ends a record: a reader finds its footing again
 * behind any damage, and tells a torn tail from a hole.
 */
import { crc32 } from 'node:zlib';

/**
 * - `h` the header, first in every segment
 * - `i` an interaction
 * - `d` an interaction that may be a duplicate of a stored one: the plan looks it up
 * - `r` a rejected interaction
 * - `l` a link between a visitor and the person who signed in
 * - `p` what is known about a person
 * - `e` what is known about an event, artist, venue, ad or offer
 * - `k` which record the key of a back end stands for
 */
export type RecordKind = 'h' | 'i' | 'd' | 'r' | 'l' | 'p' | 'e' | 'k';

/** True for what becomes a row of `interactions`. */
export const isInteraction = ({ kind }: { kind: RecordKind }): boolean => kind === 'i' || kind === 'd';

/** What is appended: one row, already in the form the engine reads. */
export interface LogEntry {
  kind: Exclude<RecordKind, 'h'>;
  /** `site/id`: what makes it the same one again. No spaces. */
  key: string;
  /** One JSON object. */
  json: string;
  /** Who tells of the order that it is a line of: the same line told by somebody else is no twin of it. Not written. */
  teller?: string | undefined;
}

/** A record found in a segment. */
export interface LogRecord {
  readonly kind: RecordKind;
  readonly key: string;
  /** Its JSON, a view into the segment's bytes. */
  readonly json: Buffer;
}

/**
 * What lies between two offsets, read when it is asked for: a segment has thirty thousand records, which all live until it is
 * stored, and of most of them nobody asks for more than their bytes, once.
 */
class RecordInBytes implements LogRecord {
  readonly kind: RecordKind;
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #keyEnd: number;
  readonly #end: number;

  constructor(bytes: Buffer, from: number, keyEnd: number, end: number) {
    this.kind = String.fromCharCode(bytes[from + PAYLOAD_AT] as number) as RecordKind;
    this.#bytes = bytes;
    this.#from = from;
    this.#keyEnd = keyEnd;
    this.#end = end;
  }

  get key(): string {
    return this.#bytes.toString('utf8', this.#from + KEY_AT, this.#keyEnd);
  }

  get json(): Buffer {
    return this.#bytes.subarray(this.#keyEnd + 1, this.#end);
  }
}

export interface SegmentContents {
  records: LogRecord[];
  /** Everything before this offset is valid records. */
  validBytes: number;
  /** `torn`: bytes behind `validBytes` hold no valid record. `hole`: they do, so something in between is damaged. */
  state: 'whole' | 'torn' | 'hole';
}

const LINE_BREAK = 10;
const SPACE = 32;
/** `crc32 kind key `: eight hex digits, a space, one letter, a space. */
const KEY_AT = 11;

/** `crc32 `: what the checksum covers begins behind it. */
const PAYLOAD_AT = 9;
/** UTF-8 takes at most so many bytes for what is one unit of a text here. */
const MOST_BYTES = 3;
/** Enough for nearly every request; a larger one gets room of its own. */
const scratch = Buffer.alloc(256 * 1024);

/** Records as lines of the log. Each text is encoded once, and its checksum taken from the bytes. */
export function encodeRecords(
  records: readonly { kind: RecordKind; key: string; json: string }[],
): Buffer<ArrayBuffer> {
  const payloads = records.map(({ kind, key, json }) => `${kind} ${key} ${json}`);
  const most = payloads.reduce((sum, { length }) => sum + PAYLOAD_AT + length * MOST_BYTES + 1, 0);
  const bytes = most <= scratch.byteLength ? scratch : Buffer.alloc(most);
  let at = 0;
  for (const payload of payloads) {
    const end = at + PAYLOAD_AT + bytes.write(payload, at + PAYLOAD_AT, 'utf8');
    writeChecksum(bytes, at, crc32(bytes.subarray(at + PAYLOAD_AT, end)));
    bytes[end] = LINE_BREAK;
    at = end + 1;
  }
  return Buffer.from(bytes.subarray(0, at));
}

const CHECKSUM_DIGITS = 8;
const [ZERO, NINE, A, F] = Buffer.from('09af') as unknown as [number, number, number, number];

/** Eight hex digits and a space. Digit by digit: as a text it would cost as much as the sum itself. */
function writeChecksum(bytes: Buffer, at: number, sum: number): void {
  for (let digit = 0; digit < CHECKSUM_DIGITS; digit += 1) {
    const value = (sum >>> (28 - 4 * digit)) & 15;
    bytes[at + digit] = value < 10 ? ZERO + value : A + value - 10;
  }
  bytes[at + CHECKSUM_DIGITS] = SPACE;
}

/** The sum that stands there, or undefined when it is none. */
function readChecksum(bytes: Buffer, at: number): number | undefined {
  if (bytes[at + CHECKSUM_DIGITS] !== SPACE) return undefined;
  let sum = 0;
  for (let index = at; index < at + CHECKSUM_DIGITS; index += 1) {
    const digit = bytes[index] as number;
    if (digit >= ZERO && digit <= NINE) sum = sum * 16 + digit - ZERO;
    else if (digit >= A && digit <= F) sum = sum * 16 + digit - A + 10;
    else return undefined;
  }
  return sum;
}

/** The record between two offsets (without its line break), or undefined when it is damaged. */
function decodeRecord(bytes: Buffer, from: number, end: number): LogRecord | undefined {
  if (end - from < KEY_AT + 2) return undefined;
  if (readChecksum(bytes, from) !== crc32(bytes.subarray(from + PAYLOAD_AT, end))) return undefined;
  const keyEnd = bytes.indexOf(SPACE, from + KEY_AT);
  return keyEnd < 0 || keyEnd >= end ? undefined : new RecordInBytes(bytes, from, keyEnd, end);
}

/** Reads the records of a segment up to the first damage. Returns where that is: all before it is valid. */
export function* readRecords(bytes: Buffer): Generator<LogRecord, number> {
  let at = 0;
  while (at < bytes.byteLength) {
    const end = bytes.indexOf(LINE_BREAK, at);
    const record = end < 0 ? undefined : decodeRecord(bytes, at, end);
    if (!record) break;
    yield record;
    at = end + 1;
  }
  return at;
}

/** Reads the records of a segment up to the first damage, and says what lies behind it. */
export function decodeSegment(bytes: Buffer): SegmentContents {
  const records: LogRecord[] = [];
  const reading = readRecords(bytes);
  let next = reading.next();
  for (; !next.done; next = reading.next()) records.push(next.value);
  const validBytes = next.value;
  if (validBytes === bytes.byteLength) return { records, validBytes, state: 'whole' };
  return { records, validBytes, state: hasRecordBehind(bytes, validBytes) ? 'hole' : 'torn' };
}

function hasRecordBehind(bytes: Buffer, from: number): boolean {
  return !recordsBehindDamage(bytes, from).next().done;
}

/** The valid records behind a damaged place. A line break may be what is damaged, so one can begin anywhere. */
export function* recordsBehindDamage(bytes: Buffer, from: number): Generator<LogRecord> {
  const start = from + 1;
  let behind = start;
  for (const { index } of bytes.toString('latin1', start).matchAll(/[0-9a-f]{8} [hidrlpek] /g)) {
    const at = start + index;
    const end = bytes.indexOf(LINE_BREAK, at);
    // What looks like a record inside of one that was read already is a text it carries.
    const record = end < 0 || at < behind ? undefined : decodeRecord(bytes, at, end);
    if (!record) continue;
    yield record;
    behind = end + 1;
  }
}
