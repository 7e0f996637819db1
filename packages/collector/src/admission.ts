import type { CollectorDependencies } from './dependencies.ts';
import { holdBack } from './hold-back.ts';
import type { Intake } from './intake.ts';
import { localDate } from './local-date.ts';
import { Problem } from './problem.ts';
import { withinQuota } from './quota.ts';
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
  /**
   * Adds to that, or takes back what is below 0.
   *
   * @returns How many there were before.
   */
  spendOn(date: string, site: Site, key: WriteKey, interactions: number): Promise<number>;
}

type Gate = Pick<CollectorDependencies, 'sites' | 'limits' | 'intake' | 'now'>;

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 60 * 60_000;

/**
 * The one way in for whoever writes with a write key: key and origin, room for what comes, then its limits.
 *
 * @param take - Takes what was sent, for the site of the key, by the intake that counts against its quota.
 * @throws Problem 401 or 403 from {@link writerOf}, LogFull or DiskFull, 429 with the time to wait, and whatever `take` throws.
 */
export async function admit<Taken>(
  { sites, limits, intake, now = Date.now }: Gate,
  { key: given, origin }: { key: string | undefined; origin: string | undefined },
  take: (site: Site, intake: Intake) => Promise<Taken>,
): Promise<Taken> {
  const writer = writerOf(sites(), given, origin);
  const { site, key } = writer;
  const full = intake.whyFull?.();
  if (full) {
    await holdBack();
    throw full;
  }
  if (!limits) return take(site, intake);

  const wait = key.rate === undefined ? undefined : await limits.countKey(site, key);
  if (wait !== undefined) {
    throw tooMany('key_rate', `${nameOf(writer)} makes more than its ${key.rate} requests a second.`, wait);
  }
  if (key.dailyQuota === undefined) return take(site, intake);

  const at = now();
  const date = localDate(at, site.timeZone);
  const refuse = () =>
    tooMany(
      'key_quota',
      `${nameOf(writer)} has sent its ${key.dailyQuota} interactions of ${date}.`,
      untilMidnight(at, site.timeZone),
    );
  // Before the body is read, which costs more than looking.
  if ((await limits.usedOn(date, site, key)) >= key.dailyQuota) throw refuse();
  return take(site, withinQuota(intake, limits, { ...writer, date, interactions: key.dailyQuota, refuse }));
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
