import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localDate, utcDate, utcTime } from './local-date.ts';

const at = (iso: string) => Date.parse(iso);

test.each([
  ['UTC', '2026-01-01T00:00:00Z', '2026-01-01'],
  ['America/Chicago', '2026-01-01T05:59:59.999Z', '2025-12-31'],
  ['America/Chicago', '2026-01-01T06:00:00Z', '2026-01-01'],
  ['America/Chicago', '2026-07-01T04:59:59Z', '2026-06-30'],
  ['Asia/Kathmandu', '2026-01-01T18:14:59Z', '2026-01-01'],
  ['Asia/Kathmandu', '2026-01-01T18:15:00Z', '2026-01-02'],
  ['Pacific/Kiritimati', '2026-01-01T10:00:00Z', '2026-01-02'],
])('in %s, %s is on %s', (timeZone, time, date) => {
  expect(localDate(at(time), timeZone)).toBe(date);
  expect(localDate(at(time), timeZone)).toBe(date);
});

test('agrees with Intl for years of quarters, more than it remembers', () => {
  const timeZone = 'Australia/Lord_Howe';
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });

  for (let hour = 0; hour < 9_000; hour += 1) {
    const ms = at('2025-06-01T00:07:00Z') + hour * 3_600_000;
    expect(localDate(ms, timeZone)).toBe(format.format(ms));
  }
});

test('agrees with the clock of the language, at any millisecond from 1970 to 2100', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: at('2100-01-01T00:00:00Z') }), (ms) => {
      const iso = new Date(ms).toISOString();
      expect(utcTime(ms)).toBe(iso.replace('T', ' ').replace('Z', ''));
      expect(utcDate(ms)).toBe(iso.slice(0, 10));
    }),
    { numRuns: 2_000 },
  );
});

test('writes times and dates of UTC as the database reads them', () => {
  expect(utcTime(at('2026-01-01T23:59:59.007Z'))).toBe('2026-01-01 23:59:59.007');
  expect(utcDate(at('2026-01-01T23:59:59.007Z'))).toBe('2026-01-01');
});
