/** ISO 8601 with a time of day and a time zone; Python writes six digits of a second. */
export const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * The time that a text says, in ms since 1970; undefined when it says none for certain: without a zone it would be that
 * of the machine, and a day that is not in the calendar would become another one.
 */
export function readTime(text: string): number | undefined {
  const found = ISO_TIME.exec(text);
  if (!found) return undefined;
  const [year, month, day] = found.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ms = Date.parse(
    text
      .toUpperCase()
      .replace(',', '.')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
  );
  return Number.isNaN(ms) ? undefined : ms;
}

/** What to write instead of a time that is none. */
export const HOW_TO_WRITE_TIME =
  'ISO 8601 with a time zone and a day that exists, such as "2026-05-01T20:00:00Z", or milliseconds since 1970';
