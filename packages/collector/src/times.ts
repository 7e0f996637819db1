/**
 * When something happened: by which clock, whether that can be, and what to tell a sender of whom it cannot.
 */
import { ACCEPTED_FUTURE_MS, ACCEPTED_PAST_MS, type Batch } from '@turnout/schema';

/** The clocks that an interaction's time is judged by, in ms since 1970. */
export interface Times {
  receivedAt: number;
  /** The sender's clock when the attempt left; undefined when it did not say. */
  sentAt: number | undefined;
  /** A bulk import: history is welcome, as old as rows are kept. The future still is not. */
  isBulk?: boolean;
}

/** Raw keeps its rows for so long (`TTL` of the table): what is older would be gone before anybody saw it. */
const BULK_PAST_MONTHS = 25;
/** Times are sent in seconds, in milliseconds and in microseconds: those of this century lie far apart. */
const MOST_SECONDS = 1e11;
const MOST_MILLISECONDS = 1e14;
const YEAR_2100_MS = Date.UTC(2100, 0, 1);

/**
 * When it happened by the collector's clock: the sender's clock, moved by how far it was off when the
 * attempt left. The travel time of the request is part of that, and not worth guessing at.
 */
export function correctedTime(occurredAt: number, times: Times, batch: Pick<Batch, 'batch_id'>): number {
  return wasPutBack(occurredAt, times, batch) ? times.receivedAt : movedTime(occurredAt, times);
}

const movedTime = (occurredAt: number, { receivedAt, sentAt }: Times) =>
  sentAt === undefined ? occurredAt : occurredAt + (receivedAt - sentAt);

/**
 * True for what the sender's clock calls the future, as it does the batch that it is in: both were made while that clock ran
 * ahead, and it was put right since. It happened before it came, and nobody knows when.
 */
export function wasPutBack(occurredAt: number, times: Times, { batch_id }: Pick<Batch, 'batch_id'>): boolean {
  return (
    times.sentAt !== undefined &&
    Math.abs(times.receivedAt - times.sentAt) < ACCEPTED_PAST_MS &&
    movedTime(occurredAt, times) > times.receivedAt + ACCEPTED_FUTURE_MS &&
    occurredAt <= frozenAt(batch_id)
  );
}

const UUID_V7 = /^(.{8})-(.{4})-7/;

/** When a batch was put together by its sender's clock, as its id tells. */
function frozenAt(batchId: string): number {
  const [, high = '', low = ''] = UUID_V7.exec(batchId) ?? [];
  return Number.parseInt(high + low, 16);
}

/** What is wrong with a time that lies too far back or ahead; undefined when it is taken. */
export function whyOutOfRange(
  occurredAt: number,
  times: Times,
  batch: Pick<Batch, 'batch_id'>,
): string | undefined {
  const lateness = times.receivedAt - correctedTime(occurredAt, times, batch);
  const past = times.isBulk
    ? times.receivedAt - monthsBefore(times.receivedAt, BULK_PAST_MONTHS)
    : ACCEPTED_PAST_MS;
  // Nothing holds for a time that is no number: it is out of range too.
  if (lateness <= past && lateness >= -ACCEPTED_FUTURE_MS) return undefined;
  return explainTime(occurredAt, lateness, times.isBulk);
}

/** What a time past 2100 is, which its number does not show. */
export function explainYear(time: unknown): string {
  if (typeof time !== 'number' || !(time >= YEAR_2100_MS)) return '';
  return time > MOST_MILLISECONDS
    ? ' It looks like microseconds: divide it by 1000.'
    : ` That is in the year ${new Date(time).getUTCFullYear()}: look at the clock that it comes from.`;
}

function explainTime(occurredAt: number, lateness: number, isBulk = false): string {
  if (occurredAt < MOST_SECONDS && lateness > 0)
    return `"occurred_at" is ${occurredAt}, which is a time in ${new Date(occurredAt).getUTCFullYear()}. It looks like seconds: send milliseconds since 1970.`;
  const seconds = Math.round(Math.abs(lateness) / 1_000);
  if (lateness < 0)
    return (
      `"occurred_at" lies ${seconds} s ahead of the collector's clock, and ${ACCEPTED_FUTURE_MS / 1_000} s are ` +
      'accepted. Send your clock in "sent_at", and the collector corrects the difference.'
    );
  return isBulk
    ? `"occurred_at" lies ${Math.floor(seconds / 86_400)} days before it arrived, and rows are kept for ${BULK_PAST_MONTHS} months: ` +
        'nothing would be left of it. Leave what is older out of the file.'
    : `"occurred_at" lies ${seconds} s before it arrived, and ${ACCEPTED_PAST_MS / 86_400_000} days are accepted. Import older history in bulk.`;
}

/** Counted as the database does it: the same day of an earlier month, or its last. */
function monthsBefore(ms: number, months: number): number {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}
