import { expect, test } from 'vitest';
import { createCaps } from '../caps.ts';
import { anEntry, aRow } from '../testing/rows.ts';
import { completeEntries } from './complete.ts';

test('a block at the edge gets what is known of people, and its values are capped', () => {
  const rows = ['feed', 'oops-17', 'feed'].map((surface) => aRow({ surface }));
  const capped: string[] = [];
  const caps = createCaps({
    onCapped: (site, column) => capped.push(`${site} ${column}`),
    limits: { surface: 1 },
  });
  const people = new Map([['demo/17', { gender: 'female', birth_year: 1990 }]]);

  const entries = completeEntries(
    rows.map((row) => anEntry(row)),
    rows,
    { people, events: new Map() },
    { caps, year: 2026 },
  );

  const stored = entries.map(({ json }) => JSON.parse(json));
  expect(stored.map(({ surface }) => surface)).toEqual(['feed', '(other)', 'feed']);
  expect(capped).toEqual(['demo surface']);
  expect(stored).toMatchObject(rows.map(() => ({ gender: 'female', age_band: '35-44' })));
});
