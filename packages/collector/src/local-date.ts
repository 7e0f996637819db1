const QUARTER_MS = 15 * 60_000;
/** Six weeks of quarters, and a few bytes each. */
const MAX_REMEMBERED = 4_096;

interface Zone {
  format: Intl.DateTimeFormat;
  dates: Map<number, string>;
}

const zones = new Map<string, Zone>();

/** The UTC date of a time, `YYYY-MM-DD`. */
export function utcDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A time in UTC as the database reads it, `YYYY-MM-DD hh:mm:ss.mmm`. */
export function utcTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
}

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
