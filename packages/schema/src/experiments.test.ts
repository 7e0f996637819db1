import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import type { Json } from './wire.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

interface Variant {
  users: number;
  /** So many of them purchase, each for this much and the next for one more. */
  buyers: number;
  value?: number;
  /** What their exposures tell of the share that the variant is meant to get. */
  share?: Json;
}

let person = 0;

/** People of an experiment, each exposed a day before they purchase, and the results. */
async function run(experiment: string, variants: { [variant: string]: Variant }) {
  await engine.insert(
    Object.entries(variants).flatMap(([variant, { users, buyers, value = 10, share }]) =>
      Array.from({ length: users }, (_, index) => {
        person += 1;
        const user_key = String(person);
        const props = share === undefined ? undefined : { variant_share: share };
        const seen = aRow({ user_key, type: 'exposure', experiment, variant, ts: at(3), props });
        if (index >= buyers) return [seen];
        return [aRow({ user_key, type: 'purchase', site_value: String(value + index), ts: at(2) }), seen];
      }).flat(),
    ),
  );
  return results(experiment);
}

const results = (experiment: string) =>
  engine.query<Record<string, unknown> & { variant: string }>(
    `SELECT * FROM turnout.experiment_results WHERE experiment = '${experiment}' ORDER BY variant = 'control' DESC, variant
     SETTINGS output_format_json_quote_64bit_integers = 0`,
  );

test('a variant that is clearly better is called so, with the figures of a textbook', async () => {
  const [control, blue] = await run('clear', {
    control: { users: 2_000, buyers: 400 },
    blue: { users: 2_040, buyers: 510 },
  });

  const [p, q] = [400 / 2_000, 510 / 2_040];
  const pooled = 910 / 4_040;
  const z = (q - p) / Math.sqrt(pooled * (1 - pooled) * (1 / 2_000 + 1 / 2_040));
  const error = Math.sqrt((p * (1 - p)) / 2_000 + (q * (1 - q)) / 2_040);
  expect(control).toMatchObject({
    ...{ variant: 'control', is_control: 1, users: 2_000, conversions: 400, rate: p, lift: null },
    ...{ p_value: null, verdict: 'control', minimum_users: 1_600 },
  });
  expect(blue).toMatchObject({ users: 2_040, conversions: 510, verdict: 'better', users_in_two_variants: 0 });
  expect(z).toBeCloseTo(3.804, 3);
  // Two-sided, from a table of the normal distribution.
  expect(blue?.p_value).toBeCloseTo(0.0001426, 6);
  expect(blue?.lift).toBeCloseTo(0.25, 9);
  expect(blue?.difference_low).toBeCloseTo(q - p - 1.96 * error, 5);
  expect(blue?.difference_high).toBeCloseTo(q - p + 1.96 * error, 5);
  expect(blue?.value_p_value).toBeGreaterThan(0);
  expect(blue?.value_p_value).toBeLessThan(0.05);
});

test('no verdict comes from few people, from chance, or from a spread that is not even', async () => {
  const [, few] = await run('few', { control: { users: 50, buyers: 5 }, b: { users: 50, buyers: 30 } });
  const [, chance] = await run('chance', {
    control: { users: 2_000, buyers: 400 },
    b: { users: 2_000, buyers: 405 },
  });
  const [, uneven] = await run('uneven', {
    control: { users: 2_000, buyers: 400 },
    b: { users: 2_400, buyers: 900 },
  });

  expect(few).toMatchObject({ verdict: 'too few users', minimum_users: 3_600 });
  expect(chance?.verdict).toBe('no difference shown');
  expect(uneven?.verdict).toBe('sample ratio mismatch');
});

test('the chance of an uneven spread is that of chi-square, for any number of variants', async () => {
  const three = await run('three', {
    a: { users: 30, buyers: 0 },
    b: { users: 20, buyers: 0 },
    c: { users: 10, buyers: 0 },
  });
  const four = await run('four', {
    a: { users: 30, buyers: 0 },
    b: { users: 20, buyers: 0 },
    c: { users: 10, buyers: 0 },
    d: { users: 20, buyers: 0 },
  });

  // chi-square is 10 in both; its tail for 2 and 3 degrees of freedom, from a table.
  expect(three[0]?.sample_ratio_p_value).toBeCloseTo(0.0067379, 6);
  expect(four[0]?.sample_ratio_p_value).toBeCloseTo(0.0185661, 6);
});

test('people are held against the shares that were intended, where every variant told its own', async () => {
  const [control, b] = await run('weighted', {
    control: { users: 3_210, buyers: 1_605, share: 0.8 },
    b: { users: 790, buyers: 474, share: 0.2 },
  });
  // Of a part of all people.
  const [, ofPart] = await run('part', {
    control: { users: 3_210, buyers: 1_605, share: 0.4 },
    b: { users: 790, buyers: 474, share: 0.1 },
  });
  const [, skewed] = await run('skewed', {
    control: { users: 2_000, buyers: 200, share: 0.8 },
    b: { users: 2_000, buyers: 400, share: 0.2 },
  });
  const [, halfTold] = await run('half-told', {
    control: { users: 3_200, buyers: 320, share: 0.8 },
    b: { users: 800, buyers: 140 },
  });

  expect(control).toMatchObject({ intended_share: 0.8, verdict: 'control' });
  expect(b).toMatchObject({ intended_share: 0.2, verdict: 'better' });
  // chi-square is 10²/3200 + 10²/800; its tail for 1 degree of freedom, from a table.
  expect(b?.sample_ratio_p_value).toBeCloseTo(0.69264, 4);
  expect(ofPart).toMatchObject({ verdict: 'better', sample_ratio_p_value: b?.sample_ratio_p_value });
  expect(ofPart?.intended_share).toBeCloseTo(0.2, 9);
  expect(skewed?.verdict).toBe('sample ratio mismatch');
  expect(halfTold).toMatchObject({ intended_share: 0.5, verdict: 'sample ratio mismatch' });
});

test('exposures that tell no share, or none that can be, leave it to those that do', async () => {
  const variants = { control: { users: 1_600, buyers: 800 }, b: { users: 400, buyers: 250 } };
  const noShares: Json[] = ['much', '', -0.2, 0, 1.2, 'nan', 'inf', true, [0.5], { of: 1 }];
  await run('late', variants);
  await engine.insert(
    noShares.map((share, index) => {
      const told = { props: { variant_share: share }, user_key: String(800_000 + index) };
      return aRow({ ...told, type: 'exposure', experiment: 'late', variant: index < 8 ? 'control' : 'b' });
    }),
  );
  const [, before] = await results('late');
  const [, since] = await run('late', {
    control: { users: 800, buyers: 400, share: 0.8 },
    b: { users: 200, buyers: 125, share: '0.2' },
  });

  expect(before).toMatchObject({ intended_share: 0.5, verdict: 'sample ratio mismatch' });
  expect(since).toMatchObject({ users: 602, intended_share: 0.2, verdict: 'better' });
});

test('weights that changed while an experiment ran leave it without a verdict, and it says so', async () => {
  await run('moved', {
    control: { users: 1_800, buyers: 180, share: 0.9 },
    b: { users: 200, buyers: 60, share: 0.1 },
  });
  const [control, b] = await run('moved', {
    control: { users: 1_000, buyers: 100, share: 0.5 },
    b: { users: 1_000, buyers: 300, share: 0.5 },
  });
  // What is not counted changes nothing.
  await run('same', {
    control: { users: 900, buyers: 450, share: 0.5 },
    b: { users: 900, buyers: 540, share: 0.5 },
  });
  const more = { experiment: 'same', variant: 'b', type: 'exposure', props: { variant_share: 0.9 } } as const;
  await engine.insert([aRow({ ...more, env: 'staging' }), aRow({ ...more, is_bot: 1 })]);
  const [, same] = await results('same');

  const unknown = { intended_share: null, sample_ratio_p_value: null };
  expect(control).toMatchObject({ ...unknown, verdict: 'control', users: 2_800 });
  expect(b).toMatchObject({ ...unknown, verdict: 'shares changed', users: 1_200, rate: 0.3 });
  expect(same).toMatchObject({ intended_share: 0.5, verdict: 'better' });
});

test('people in two variants are left out and counted, and what was before the exposure does not convert', async () => {
  await run('mixed', { control: { users: 3, buyers: 1 }, b: { users: 2, buyers: 1 } });
  const both = { experiment: 'mixed', type: 'exposure', ts: at(3) } as const;
  await engine.insert([
    aRow({ ...both, user_key: '900001', variant: 'b' }),
    aRow({ ...both, user_key: '900001', variant: 'control' }),
    aRow({ ...both, user_key: '900002', variant: 'b' }),
    aRow({ user_key: '900002', type: 'purchase', site_value: '10', ts: at(4) }),
    aRow({ user_key: '900002', type: 'refund', site_value: '4', ts: at(1) }),
  ]);

  const [control, b] = await results('mixed');

  expect(control).toMatchObject({ users: 3, conversions: 1, users_in_two_variants: 1 });
  expect(b).toMatchObject({ users: 3, conversions: 1, users_in_two_variants: 1 });
  expect(b?.value_per_user).toBeCloseTo((10 - 4) / 3, 9);
});

test('an exposure without a variant, and one of an experiment that was one too many, are compared with nothing', async () => {
  const rows = await run('unnamed', { control: { users: 4, buyers: 1 }, '': { users: 3, buyers: 1 } });
  const beyond = await run('(other)', { a: { users: 4, buyers: 1 }, b: { users: 3, buyers: 1 } });

  expect(rows).toMatchObject([{ variant: 'control', users: 4, users_in_two_variants: 0 }]);
  expect(beyond).toEqual([]);
});

test('of many variants one has to differ by more before it wins', async () => {
  const alike = { users: 1_000, buyers: 500 };
  const ahead = { users: 1_000, buyers: 550 };
  const [, alone] = await run('one of one', { control: alike, b: ahead });
  const ofThree = await run('one of three', { control: alike, b: ahead, c: alike, d: alike });
  const clearly = await run('clearly one of three', {
    control: alike,
    b: { users: 1_000, buyers: 570 },
    c: alike,
    d: alike,
  });

  // 0.05 / 3 is 0.0167, and the chance is that of a table for both.
  expect(alone?.p_value).toBeCloseTo(0.0252, 4);
  expect(alone?.verdict).toBe('better');
  expect(ofThree[1]).toMatchObject({ p_value: alone?.p_value, verdict: 'no difference shown' });
  expect(clearly.map(({ verdict }) => verdict)).toEqual([
    'control',
    'better',
    'no difference shown',
    'no difference shown',
  ]);
});
