import { expect, test } from 'vitest';
import { CAPS, type CapOptions, createCaps, MAX_PROP_PATHS } from './caps.ts';
import { aRow } from './testing/rows.ts';

function someCaps(limits: CapOptions['limits'] = {}) {
  const capped: string[] = [];
  const caps = createCaps({ onCapped: (site, column) => capped.push(`${site} ${column}`), limits });
  return {
    capped,
    caps,
    apply: (row: Parameters<typeof aRow>[0]) => {
      const made = aRow(row);
      caps.apply(made.site_id, made.received_at, made);
      return made;
    },
  };
}

test('the first values of a site stay as they are, and the rest is (other) and counted', () => {
  const { apply, capped } = someCaps({ surface: 2 });

  const surfaces = ['feed', 'search', 'oops-17', 'feed', 'oops-18'].map(
    (surface) => apply({ surface }).surface,
  );

  expect(surfaces).toEqual(['feed', 'search', '(other)', 'feed', '(other)']);
  expect(capped).toEqual(['demo surface', 'demo surface']);
  expect(apply({ site_id: 'second', surface: 'oops-17' }).surface).toBe('oops-17');
});

test('a new month begins anew, and a clock that goes back does not', () => {
  const { apply } = someCaps({ name: 1 });
  const named = (name: string, month: string) =>
    apply({ name, received_at: `${month}-01 00:00:00.000` }).name;

  expect([
    named('a', '2026-01'),
    named('b', '2026-01'),
    named('b', '2026-02'),
    named('a', '2026-01'),
  ]).toEqual(['a', '(other)', 'b', '(other)']);
});

test('props beyond the cap move into one text, whole, and lose nothing', () => {
  const { apply, capped } = someCaps({ props: 3 });

  apply({ props: { a: 1, b: { c: 2 } } });
  const { props } = apply({ props: { a: 3, b: { c: 4, d: 5, e: 6 }, f: [7] } });

  expect(props).toEqual({ a: 3, f: [7], '(other)': '{"b":{"c":4,"d":5,"e":6}}' });
  expect(capped).toEqual(['demo props']);
});

test('props that raw has columns for stay where the columns are made from', () => {
  const { apply, capped } = someCaps({ props: 1 });

  const { props } = apply({
    props: { first: 1, click_id: 'c-17', quartile: 25, variant_share: 0.2, media: { nested: 'no' } },
  });

  expect(props).toEqual({
    ...{ first: 1, click_id: 'c-17', quartile: 25, variant_share: 0.2 },
    '(other)': '{"media":{"nested":"no"}}',
  });
  expect(capped).toEqual(['demo props']);
});

test('what a site had before a restart keeps its place', () => {
  const { apply, caps } = someCaps({ surface: 1 });
  const month = new Date().toISOString().slice(0, 7);

  caps.learn('demo', 'surface', ['feed', 'beyond'], month);

  expect([apply({ surface: 'other' }).surface, apply({ surface: 'feed' }).surface]).toEqual([
    '(other)',
    'feed',
  ]);
});

test('what a site had in another month takes no room of this one', () => {
  const { apply, caps } = someCaps({ surface: 1 });
  const inFebruary = (surface: string) => apply({ surface, received_at: '2026-02-10 00:00:00.000' }).surface;
  expect(inFebruary('')).toBe('');

  // It was read before midnight, and came after.
  caps.learn('demo', 'surface', ['of January'], '2026-01');

  expect([inFebruary('feed'), inFebruary('of January')]).toEqual(['feed', '(other)']);
});

test('thousands of different values cost no more than the caps', () => {
  const { apply } = someCaps();
  const surfaces = new Set<string | undefined>();
  const paths = new Set<string>();

  for (let number = 0; number < 5_000; number += 1) {
    const row = apply({ surface: `s${number}`, props: { [`p${number}`]: 1 } });
    surfaces.add(row.surface);
    for (const path of Object.keys(row.props ?? {})) paths.add(path);
  }

  expect(surfaces.size).toBe(CAPS.surface + 1);
  expect(paths.size).toBe(MAX_PROP_PATHS + 1);
});

test('an SDK beyond the cap still tells which door it came by', () => {
  const { apply } = someCaps({ sdk: 1 });

  const sdks = ['js/1', 'segment:analytics.js/4.1.0', 'segment', 'ingest', 'js/2'].map(
    (sdk) => apply({ sdk }).sdk,
  );

  expect(sdks).toEqual(['js/1', 'segment:(other)', 'segment:(other)', 'ingest', '(other)']);
});
