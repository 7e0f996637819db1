/**
 * Which months an archive takes: those that nothing from a browser reaches any more, and of which expiry has taken
 * nothing yet. An archive that is written again would lose what expired; that of an open month would lack what comes.
 */
import { ACCEPTED_PAST_MS } from '@turnout/schema';
import type { Database } from '@turnout/schema/migrate';

/** For what was accepted at the last moment, and waits in a log until it is stored. */
const STORED_WITHIN_MS = 86_400_000;
/** As raw has it; a day before, so that nothing expires while it is written. */
const EXPIRES = `toStartOfMonth(min(ts)) + INTERVAL 25 MONTH - INTERVAL 1 DAY`;

/** The months that are over and have rows, as `2026-01`, oldest first. */
export interface Months {
  /** To be archived. */
  closed: string[];
  /** Over, and late interactions may still reach them, until a day. */
  open: { month: string; until: string }[];
  /** Raw is losing their rows: what is archived of them is more than what raw has. */
  expiring: string[];
}

/** Sorts the months that have rows. */
export async function monthsOf(database: Pick<Database, 'query'>, now = Date.now()): Promise<Months> {
  const months = await database.query<{ month: string; expires: number }>(
    `SELECT formatDateTime(toStartOfMonth(ts), '%Y-%m') AS month,
       toUInt8(${EXPIRES} <= toDate(fromUnixTimestamp64Milli(toInt64(${now}), 'UTC'))) AS expires
     FROM turnout.interactions GROUP BY month ORDER BY month`,
  );
  const found: Months = { closed: [], open: [], expiring: [] };
  for (const { month, expires } of months) {
    const closes = closesAt(month);
    if (expires === 1) found.expiring.push(month);
    else if (closes <= now) found.closed.push(month);
    else if (endOf(month) <= now)
      found.open.push({ month, until: new Date(closes).toISOString().slice(0, 10) });
  }
  return found;
}

/**
 * Refuses a month that is not closed.
 *
 * @throws Error that says from when on it may be archived.
 */
export function requireClosed(month: string, now = Date.now()): void {
  const closes = closesAt(month);
  if (closes <= now) return;
  throw new Error(
    `${month} cannot be archived yet: browsers that were offline may still bring interactions of it. Archive it from ${new Date(closes).toISOString().slice(0, 10)} on.`,
  );
}

/** The condition of a month's rows. */
export function inMonth(month: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new Error(`A month is written like 2026-01, not ${JSON.stringify(month)}.`);
  return `toYYYYMM(ts) = ${month.replace('-', '')}`;
}

/** Which rows a month has: another answer says that some came or went. */
export async function fingerprintOf(database: Pick<Database, 'query'>, month: string): Promise<string> {
  const [row] = await database.query<{ fingerprint: string }>(
    `SELECT concat(toString(count()), ' ', toString(sum(cityHash64(site_id, type, user_key, id)))) AS fingerprint
     FROM turnout.interactions FINAL WHERE ${inMonth(month)}`,
  );
  return String(row?.fingerprint);
}

const closesAt = (month: string) => endOf(month) + ACCEPTED_PAST_MS + STORED_WITHIN_MS;

function endOf(month: string): number {
  inMonth(month);
  const [year = 0, number = 0] = month.split('-').map(Number);
  return Date.UTC(year, number);
}
