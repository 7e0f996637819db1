import { expect, test } from 'vitest';
import { assignVariant, bucketOf, placeOfBucket } from './experiment.ts';
import { createExperiment } from './index.ts';
import { createNoop } from './noop.ts';

// What GrowthBook expects of whoever implements its hashing: inputs and results of "hash" (version 2),
// "getBucketRange" and "chooseVariation" in packages/sdk-js/test/cases.json, specification 0.5.4, of
// https://github.com/growthbook/growthbook (MIT licence, copyright GrowthBook, Inc.).
test.each([
  ['seed', 'a', 0.0505],
  ['seed', 'b', 0.2696],
  ['foo', 'ab', 0.2575],
  ['foo', 'def', 0.2019],
  ['89123klj', '8952klfjas09ujkasdf', 0.124],
  ['90850943850283058242805', '123', 0.7516],
  ['()**(%$##$%#$#', '___)((*":&', 0.0128],
])('GrowthBook: the bucket of seed "%s" and id "%s" is %d', (seed, id, bucket) => {
  expect(bucketOf(seed, id)).toBe(bucket);
});

const fair = [
  [0, 0.5],
  [0.5, 1],
] as const;
const quarters = [
  [0, 0.25],
  [0.25, 0.5],
  [0.5, 0.75],
  [0.75, 1],
] as const;
const half = [
  [0, 0.25],
  [0.5, 0.75],
] as const;

test.each([
  ['normal 50/50', 2, 1, undefined, fair],
  ['reduced coverage', 2, 0.5, undefined, half],
  [
    'zero coverage',
    2,
    0,
    undefined,
    [
      [0, 0],
      [0.5, 0.5],
    ],
  ],
  ['4 variations', 4, 1, undefined, quarters],
  [
    'uneven weights',
    2,
    1,
    [0.4, 0.6],
    [
      [0, 0.4],
      [0.4, 1],
    ],
  ],
  [
    'uneven weights, 3 variations',
    3,
    1,
    [0.2, 0.3, 0.5],
    [
      [0, 0.2],
      [0.2, 0.5],
      [0.5, 1],
    ],
  ],
  [
    'uneven weights, reduced coverage, 3 variations',
    3,
    0.2,
    [0.2, 0.3, 0.5],
    [
      [0, 0.04],
      [0.2, 0.26],
      [0.5, 0.6],
    ],
  ],
  [
    'negative coverage',
    2,
    -0.2,
    undefined,
    [
      [0, 0],
      [0.5, 0.5],
    ],
  ],
  ['coverage above 1', 2, 1.5, undefined, fair],
  ['weights sum below 1', 2, 1, [0.4, 0.1], fair],
  ['weights sum above 1', 2, 1, [0.7, 0.6], fair],
  ['weights.length not equal to num variations', 4, 1, [0.4, 0.4, 0.2], quarters],
  [
    'weights sum almost equals 1',
    2,
    1,
    [0.4, 0.5999],
    [
      [0, 0.4],
      [0.4, 0.9999],
    ],
  ],
] as const)('GrowthBook: ranges of %s', (_, count, coverage, weights, ranges) => {
  const at = (bucket: number) => placeOfBucket(bucket, count, coverage, weights);
  const rounding = 1e-9;

  for (const [place, [from, to]] of ranges.entries()) {
    if (from < to) expect([at(from + rounding), at(to - rounding)]).toEqual([place, place]);
    expect(at(to + rounding)).not.toBe(place);
    expect(at(from - rounding)).not.toBe(place);
  }
});

test.each([
  ['even range, 0.2', 0.2, 1, undefined, 0],
  ['even range, 0.4', 0.4, 1, undefined, 0],
  ['even range, 0.6', 0.6, 1, undefined, 1],
  ['even range, 0.8', 0.8, 1, undefined, 1],
  ['even range, 0', 0, 1, undefined, 0],
  ['even range, 0.5', 0.5, 1, undefined, 1],
  ['reduced range, 0.2', 0.2, 0.5, undefined, 0],
  ['reduced range, 0.4', 0.4, 0.5, undefined, -1],
  ['reduced range, 0.6', 0.6, 0.5, undefined, 1],
  ['reduced range, 0.8', 0.8, 0.5, undefined, -1],
  ['reduced range, 0.25', 0.25, 0.5, undefined, -1],
  ['reduced range, 0.5', 0.5, 0.5, undefined, 1],
  ['zero range', 0.5, 1, [0.5, 0, 0.5], 2],
])('GrowthBook: choice in %s', (_, bucket, coverage, weights, place) => {
  expect(placeOfBucket(bucket, weights?.length ?? 2, coverage, weights)).toBe(place);
});

test('divides people as the weights say, and another seed divides them differently', () => {
  const ids = Array.from({ length: 20_000 }, (_, n) => `visitor-${n}`);
  const options = { variants: ['a', 'b'], weights: [0.2, 0.8], coverage: 0.5 } as const;
  const share = (variant?: string, more = {}) =>
    ids.filter((id) => assignVariant('hero', id, { ...options, ...more }) === variant).length / ids.length;

  expect(share('a')).toBeCloseTo(0.1, 1);
  expect(share('b')).toBeCloseTo(0.4, 1);
  expect(share(undefined)).toBeCloseTo(0.5, 1);
  const both = ids.filter((id) =>
    ['hero', 'price'].every((name) => assignVariant(name, id, { variants: ['a', 'b'] }) === 'a'),
  );
  expect(both.length / ids.length).toBeCloseTo(0.25, 1);
});

test('shows the fallback on a server', () => {
  const hero = createExperiment(createNoop(), 'hero-copy', {
    variants: ['control', 'b'],
    fallback: 'control',
  });

  expect(hero.variant).toBe('control');
  expect(hero.peek()).toBe('control');
});
