import { localDate } from './local-date.ts';
import { Problem } from './problem.ts';
import type { Site, WriteKey, Writer } from './sites.ts';
import { writerOf } from './write-access.ts';

/** Counts what addresses and keys send. It never fails: where counting is impossible, everybody is let in. */
export interface Limits {
  /**
   * Counts one request from an address.
   *
   * @returns Milliseconds until the next one is welcome when there were too many; undefined when this one is.
   */
  countAddress(address: string): Promise<number | undefined>;
  /** Counts one request with a key, likewise. */
  countKey(site: Site, key: WriteKey): Promise<number | undefined>;
  /** How many interactions of a key were taken on a day of its site. */
  usedOn(date: string, site: Site, key: WriteKey): Promise<number>;
  /** Adds to that. */
  spendOn(date: string, site: Site, key: WriteKey, interactions: number): Promise<void>;
}

interface Gate {
  sites(): readonly Site[];
  limits?: Limits;
  now?: () => number;
}

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 60 * 60_000;

/**
 * The one way in for whoever writes with a write key: key and origin, then its limits. What was taken counts
 * against the quota of the key.
 *
 * @param take - Takes what was sent, for the site of the key.
 * @throws Problem 401 or 403 from {@link writerOf}, 429 with the time to wait, and whatever `take` throws.
 */
export async function admit<Taken extends { accepted: number }>(
  { sites, limits, now = Date.now }: Gate,
  { key: given, origin }: { key: string | undefined; origin: string | undefined },
  take: (site: Site) => Promise<Taken>,
): Promise<Taken> {
  const writer = writerOf(sites(), given, origin);
  const { site, key } = writer;
  if (!limits) return take(site);

  const wait = key.rate === undefined ? undefined : await limits.countKey(site, key);
  if (wait !== undefined) {
    throw tooMany('key_rate', `${nameOf(writer)} makes more than its ${key.rate} requests a second.`, wait);
  }
  if (key.dailyQuota === undefined) return take(site);

  const at = now();
  const today = localDate(at, site.timeZone);
  if ((await limits.usedOn(today, site, key)) >= key.dailyQuota) {
    throw tooMany(
      'key_quota',
      `${nameOf(writer)} has sent its ${key.dailyQuota} interactions of ${today}.`,
      untilMidnight(at, site.timeZone),
    );
  }
  // A batch is taken whole or not at all: the one that reaches the quota is the last of the day.
  const taken = await take(site);
  await limits.spendOn(today, site, key, taken.accepted);
  return taken;
}

/** @throws Problem 429 when the network of this address makes too many requests. */
export async function admitAddress(limits: Limits, address: string): Promise<void> {
  const wait = await limits.countAddress(address);
  if (wait !== undefined)
    throw tooMany(
      'address_rate',
      'Your network makes more requests a second than this collector takes.',
      wait,
    );
}

function tooMany(code: string, reason: string, waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new Problem(429, code, `${reason} Nothing was taken: send this again in ${seconds} s.`, seconds);
}

/** Milliseconds to the next day of a time zone, an hour at most: the quota may have been raised by then. */
function untilMidnight(at: number, timeZone: string): number {
  const today = localDate(at, timeZone);
  // Days begin between quarters of an hour, in every time zone.
  for (let next = (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS; next < at + HOUR_MS; next += QUARTER_MS) {
    if (localDate(next, timeZone) !== today) return next - at;
  }
  return HOUR_MS;
}

const nameOf = ({ site, key }: Writer) =>
  `The write key ${key.name === undefined ? '' : `"${key.name}" `}of the site "${site.id}"`;
