const QUARTER_MS = 15 * 60_000;
/** Six weeks of quarters, and a few bytes each. */
const MAX_REMEMBERED = 4_096;

interface Zone {
  format: Intl.DateTimeFormat;
  dates: Map<number, string>;
}

const zones = new Map<string, Zone>();

const DAY_MS = 86_400_000;
const dates = new Map<number, string>();

/** The UTC date of a time, `YYYY-MM-DD`. Each day is formatted once: nearly everything happens on a few. */
export function utcDate(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  const known = dates.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (dates.size >= MAX_REMEMBERED) dates.clear();
  dates.set(day, date);
  return date;
}

/** A time in UTC as the database reads it, `YYYY-MM-DD hh:mm:ss.mmm`. */
export function utcTime(ms: number): string {
  const whole = Math.trunc(ms);
  const rest = whole - Math.floor(whole / DAY_MS) * DAY_MS;
  const seconds = Math.floor(rest / 1_000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${utcDate(whole)} ${clock}.${String(rest % 1_000).padStart(3, '0')}`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const two = (number: number) => TWO_DIGITS[number] ?? '';

/**
 * The date of a time in a time zone, `YYYY-MM-DD`.
 *
 * Formatting costs more than all else that is done to a row, so each quarter of an hour is formatted
 * once: every zone is a multiple of 15 minutes away from UTC, and days begin between quarters.
 */
export function localDate(ms: number, timeZone: string): string {
  const zone = zones.get(timeZone) ?? addZone(timeZone);
  const quarter = Math.floor(ms / QUARTER_MS);
  let date = zone.dates.get(quarter);
  if (date === undefined) {
    const parts = zone.format.formatToParts(quarter * QUARTER_MS);
    const part = (type: string) => parts.find((it) => it.type === type)?.value ?? '';
    date = `${part('year')}-${part('month')}-${part('day')}`;
    if (zone.dates.size >= MAX_REMEMBERED) {
      zone.dates.clear();
    }
    zone.dates.set(quarter, date);
  }
  return date;
}

function addZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const zone = { format, dates: new Map<number, string>() };
  zones.set(timeZone, zone);
  return zone;
}
