/**
 * Experiments: who sees which variant, decided in the browser, the same each time.
 *
 * The hash is the one that GrowthBook publishes as its version 2, so that a server, or GrowthBook itself,
 * decides the same: https://docs.growthbook.io/lib/build-your-own#hashing. Seeing a variant is an
 * `exposure`, recorded when the variant is read and not when it could have been.
 */
import { isPrerendering } from './auto/page-views.ts';
import { kept } from './kept.ts';
import { listen } from './listen.ts';
import { quietly } from './quietly.ts';
import type { Tracker } from './tracker.ts';

/** How an experiment divides people. */
export interface Assignment<Variant extends string = string> {
  /** Names of the variants, in an order that stays. */
  variants: readonly Variant[];
  /** The share of each variant; together 1. Equal when left out, or when they do not sum up to that. */
  weights?: readonly number[];
  /** The share of people that take part at all, 0 to 1. */
  coverage?: number;
  /** Two experiments with one seed divide people in the same way. The experiment's name when left out. */
  seed?: string;
}

/** What {@link createExperiment} is told. */
export interface ExperimentOptions<Variant extends string = string> extends Assignment<Variant> {
  /** What those see who do not take part. */
  fallback: NoInfer<Variant>;
  /**
   * Who keeps a variant: the browser, or the signed-in person on all devices. Without cookies there are
   * signed-in people only.
   * @defaultValue `'visitor'`
   */
  by?: 'visitor' | 'user';
}

/** An experiment as this visitor sees it. */
export interface Experiment<Variant extends string = string> {
  /** The variant to show. Reading it records an `exposure`, once a session. */
  readonly variant: Variant;
  /** The variant, without an exposure. */
  peek(): Variant;
}

/** What stays of an assignment: bucket, variant, and the session that was told about it. */
type Memory = [bucket: number, variant: string, sessionId: string | undefined];

/** FNV-1a of 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Where somebody stands between 0 and 1. */
export const bucketOf = (seed: string, id: string): number =>
  (fnv1a(`${fnv1a(seed + id)}`) % 10_000) / 10_000;

/** The share of each variant among those who take part. */
function sharesOf(count: number, weights: readonly number[] = []): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  // As theirs: what does not sum up to 1, but for rounding, is a mistake.
  const isFair = weights.length !== count || sum < 0.99 || sum > 1.01;
  return isFair ? Array<number>(count).fill(1 / count) : weights;
}

/**
 * The place of the variant that a bucket falls into; −1 when it falls into none. Each variant has its weight
 * of what lies between 0 and 1, and coverage takes part of that.
 */
export function placeOfBucket(
  bucket: number,
  count: number,
  coverage = 1,
  weights?: readonly number[],
): number {
  let to = 0;
  return sharesOf(count, weights).findIndex((share) => {
    const from = to;
    to += share;
    return bucket >= from && bucket < from + share * Math.min(coverage, 1);
  });
}

/**
 * Which variant somebody sees: for servers that must render what the browser will decide.
 *
 * @param experiment - Its name.
 * @param id - Of the visitor or the person: the same that the browser knows.
 * @returns `undefined` for those who do not take part.
 * @example
 * assignVariant('hero-copy', visitorId, { variants: ['control', 'b'], coverage: 0.5 });
 */
export function assignVariant<const Variant extends string>(
  experiment: string,
  id: string,
  { variants, weights, coverage, seed = experiment }: Assignment<Variant>,
): Variant | undefined {
  return variants[placeOfBucket(bucketOf(seed, id), variants.length, coverage, weights)];
}

/**
 * Divides visitors into variants.
 *
 * A variant stays with its visitor, also when weights change. `?turnout_force=hero-copy:b` in the address
 * shows one to a tester: that is no exposure, but an `exposure_forced`, which no result counts.
 *
 * @example
 * const hero = createExperiment(tracker, 'hero-copy', { variants: ['control', 'b'], fallback: 'control' });
 * title.textContent = hero.variant === 'b' ? 'Tonight, near you' : 'All shows';
 */
export function createExperiment<const Variant extends string>(
  tracker: Pick<Tracker, 'track' | 'consent' | 'ids'>,
  experiment: string,
  { fallback, by = 'visitor', ...assignment }: ExperimentOptions<Variant>,
): Experiment<Variant> {
  const { variants, seed = experiment } = assignment;
  const memory = kept<Memory>(tracker, () => localStorage, `experiment:${experiment}`);
  const wanted = quietly(() => new URLSearchParams(location.search).getAll('turnout_force')) ?? [];
  const forced = variants.find((variant) => wanted.includes(`${experiment}:${variant}`));
  let isTold = false;

  function read(isSeen: boolean): Variant {
    if (forced) {
      if (isSeen && !isTold)
        tracker.track('custom', { name: 'exposure_forced', experiment, variant: forced });
      isTold ||= isSeen;
      return forced;
    }
    const [knownBucket, known, toldSession] = memory.read() ?? [];
    const { sessionId, [`${by}Id` as const]: id } = tracker.ids();
    if (!id) return fallback;
    const bucket = bucketOf(seed, id);
    // A bucket of its own stands for the visitor: after a sign-out, somebody else is here.
    const isKnown = knownBucket === bucket;
    const variant =
      variants.find((it) => isKnown && it === known) ?? assignVariant(experiment, id, assignment);
    if (!variant) return fallback;
    if (isSeen && !(isKnown && known === variant && toldSession === sessionId)) {
      memory.write([bucket, variant, sessionId]);
      // Results compare how people were spread with how they were meant to be.
      const variant_share = sharesOf(variants.length, assignment.weights)[variants.indexOf(variant)];
      tracker.track('exposure', { experiment, variant, props: { variant_share } });
    }
    return variant;
  }

  return {
    get variant() {
      const isEarly = quietly(isPrerendering);
      // Nobody sees the page yet, and perhaps nobody ever will.
      if (isEarly) listen('prerenderingchange', () => read(true));
      return quietly(() => read(!isEarly), fallback);
    },
    peek: () => quietly(() => read(false), fallback),
  };
}
