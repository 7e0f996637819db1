/** `experiment_results`, said once more in plain TypeScript: each person's exposures, and what they did since. */
import { byPerson, groupBy, type Recount, sum, time } from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

interface Person {
  variants: string[];
  isConverted: boolean;
  value: number;
}

/** Each variant of each experiment beside its control, by site, experiment and variant, where no exposure tells a share. */
export function naiveExperiments(rows: InteractionRow[]): Recount {
  const people = [...byPerson(rows).values()].flatMap((theirs) =>
    // An exposure that does not say what was seen cannot be compared.
    [...groupBy(theirs.filter(isExposure), ({ site_id, experiment }) => `${site_id} ${experiment}`)].map(
      ([experiment, exposures]) => ({ experiment, ...personOf(theirs, exposures) }),
    ),
  );
  const results: Recount = new Map();
  for (const [experiment, all] of groupBy(people, (person) => person.experiment)) {
    const groups = groupBy(
      all.filter(({ variants }) => variants.length === 1),
      ({ variants }) => variants[0] as string,
    );
    const inTwo = all.filter(({ variants }) => variants.length > 1).length;
    for (const [variant, row] of resultsOf(groups))
      results.set(`${experiment} ${variant}`, { ...row, users_in_two_variants: inTwo });
  }
  return results;
}

const isExposure = ({ type, variant }: InteractionRow) => type === 'exposure' && Boolean(variant);

function personOf(rows: InteractionRow[], exposures: InteractionRow[]): Person {
  const first = Math.min(...exposures.map(time));
  const since = rows.filter((row) => time(row) >= first);
  const money = (type: string) =>
    sum(since.filter((row) => row.type === type).map(({ site_value }) => Number(site_value ?? 0)));
  return {
    variants: [...new Set(exposures.map(({ variant }) => variant as string))],
    isConverted: since.some(({ type }) => type === 'purchase'),
    value: money('purchase') - money('refund'),
  };
}

function resultsOf(groups: Map<string, Person[]>): Recount {
  const names = [...groups.keys()].sort();
  const control = names.includes('control') ? 'control' : names[0];
  const rateOf = (people: Person[]) => people.filter(({ isConverted }) => isConverted).length / people.length;
  const compared = groups.get(control ?? '') ?? [];
  const base = rateOf(compared);
  const spread = [...groups.values()].map((people) => people.length);
  return new Map(
    [...groups].map(([variant, people]) => {
      const rate = rateOf(people);
      const isControl = variant === control;
      const error = Math.sqrt(variance(rate) / people.length + variance(base) / compared.length);
      const p_value = isControl ? null : chanceOf(people, compared);
      const told = {
        is_control: isControl ? 1 : 0,
        users: people.length,
        conversions: people.filter(({ isConverted }) => isConverted).length,
        rate,
        lift: isControl || base === 0 ? null : rate / base - 1,
        difference_low: isControl ? null : rate - base - Z_95 * error,
        difference_high: isControl ? null : rate - base + Z_95 * error,
        p_value,
        value_per_user: sum(people.map(({ value }) => value)) / people.length,
        ...(isControl ? { value_p_value: null } : chanceOfValue(people, compared)),
        intended_share: 1 / groups.size,
        sample_ratio_p_value: chanceOfSpread(spread),
        minimum_users: minimumOf(base),
        verdict: isControl ? 'control' : verdictOf(rate - base, p_value ?? 1, spread, minimumOf(base)),
      };
      return [variant, told];
    }),
  );
}

function verdictOf(difference: number, chance: number, sizes: number[], minimum: number): string {
  if (chanceOfSpread(sizes) < 0.001) return 'sample ratio mismatch';
  if (Math.min(...sizes) < minimum) return 'too few users';
  // The variants beside the control share the chance of 1 in 20 to be called different though they are alike.
  if (chance >= 0.05 / (sizes.length - 1)) return 'no difference shown';
  return difference > 0 ? 'better' : 'worse';
}

/** 19 of 20 values lie within so many standard errors. */
const Z_95 = 1.959963984540054;
const variance = (rate: number) => rate * (1 - rate);

/** How likely chance alone makes two rates so different: both groups taken as one, which has one rate. */
function chanceOf(some: Person[], others: Person[]): number {
  const rate =
    [...some, ...others].filter(({ isConverted }) => isConverted).length / (some.length + others.length);
  const error = Math.sqrt(variance(rate) * (1 / some.length + 1 / others.length));
  const share = (people: Person[]) => people.filter(({ isConverted }) => isConverted).length / people.length;
  return error === 0 ? 1 : beyond(Math.abs(share(some) - share(others)) / error);
}

/** How likely people who choose evenly spread so unevenly. Up to three variants, which have a closed form. */
function chanceOfSpread(sizes: number[]): number {
  const even = sum(sizes) / sizes.length;
  const chiSquare = sum(sizes.map((size) => (size - even) ** 2 / even));
  if (sizes.length === 1) return 1;
  return sizes.length === 2 ? beyond(Math.sqrt(chiSquare)) : Math.exp(-chiSquare / 2);
}

/** The chance of being so many standard errors off, on either side: what is left of the area under the bell curve. */
function beyond(z: number): number {
  return 1 - 2 * areaUnder((x) => Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI), z);
}

/** How likely chance alone makes what people spend so different, by Welch; null where one is alone, and where nothing varies. */
function chanceOfValue(some: Person[], others: Person[]): { value_p_value: number | null } {
  const [a, b] = [momentsOf(some), momentsOf(others)];
  if (a.n < 2 || b.n < 2) return { value_p_value: null };
  const error = a.error + b.error;
  // Sums of the same price differ in their last digits.
  if (error < 1e-12) return { value_p_value: null };
  const freedom = error ** 2 / (a.error ** 2 / (a.n - 1) + b.error ** 2 / (b.n - 1));
  return { value_p_value: beyondStudent(Math.abs(a.mean - b.mean) / Math.sqrt(error), freedom) };
}

/** The mean, and the variance of it as an estimate. */
function momentsOf(people: Person[]) {
  const n = people.length;
  const mean = sum(people.map(({ value }) => value)) / n;
  return { n, mean, error: sum(people.map(({ value }) => (value - mean) ** 2)) / (n - 1) / n };
}

/**
 * As `beyond`, of Student's t. With t = √freedom / tan(angle) its density is sin(angle) to the power of freedom - 1, and
 * the whole tail is a finite stretch. Angles are taken as fifth powers, for that power may have no slope at 0.
 */
function beyondStudent(t: number, freedom: number): number {
  const density = (root: number) => Math.sin(root ** 5) ** (freedom - 1) * 5 * root ** 4;
  const upTo = (angle: number) => areaUnder(density, angle ** 0.2);
  return upTo(Math.atan2(Math.sqrt(freedom), t)) / upTo(Math.PI / 2);
}

/** The area under a curve from 0, by Simpson's rule. */
function areaUnder(curve: (x: number) => number, end: number): number {
  const slices = 1_000;
  const weight = (index: number) => (index === 0 || index === slices ? 1 : index % 2 === 1 ? 4 : 2);
  const heights = Array.from({ length: slices + 1 }, (_, i) => weight(i) * curve((i * end) / slices));
  return (sum(heights) * end) / slices / 3;
}

/**
 * Sixteen times the variance of a rate over the square of what is to be found: 20 % of the rate, four times in five.
 *
 * 16 p (1 - p) / (0.2 p)² is 400 (1 - p) / p, and is written so: before it is rounded up, the last digit matters.
 */
function minimumOf(rate: number): number {
  const taken = Math.max(rate, 0.001);
  return Math.max(30, Math.ceil((400 * (1 - taken)) / taken));
}
