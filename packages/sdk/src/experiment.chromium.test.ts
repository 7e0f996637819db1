import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { assignVariant, bucketOf, createExperiment, type ExperimentOptions } from './experiment.ts';
import { cleanUp, startNetwork } from './fake-collector.ts';
import type { TrackerOptions } from './options.ts';
import { aVisit } from './recorded.test-helper.ts';

beforeAll(startNetwork);
const home = location.href;
beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.useRealTimers();
  history.replaceState(null, '', home);
  cleanUp();
});

const variants = ['control', 'b', 'c'] as const;
type Hero = Partial<ExperimentOptions<(typeof variants)[number]>>;

/** A visitor; each call of `aHero` is a page that reads the experiment. */
function aVisitor(options?: Partial<TrackerOptions>) {
  const visit = aVisit(options);
  const aHero = (more?: Hero) =>
    createExperiment(visit.tracker, 'hero-copy', { variants, fallback: 'control', ...more });
  return { ...visit, aHero };
}

test('reading the variant records it once a session, and peeking never does', async () => {
  const { aHero, tracker, recorded } = aVisitor();
  const hero = aHero();
  const expected = assignVariant('hero-copy', tracker.ids().visitorId ?? '', { variants });

  expect(hero.peek()).toBe(expected);
  expect(await recorded()).toEqual([]);
  expect([hero.variant, hero.variant, aHero().variant]).toEqual([expected, expected, expected]);

  expect(await recorded()).toMatchObject([{ type: 'exposure', experiment: 'hero-copy', variant: expected }]);
});

test('an exposure tells the share that its variant is meant to get of those who take part', async () => {
  const weights = [0.7, 0.2, 0.1];
  const { aHero, tracker, recorded } = aVisitor();

  const first = aHero({ weights, coverage: 0.999 }).variant;
  tracker.reset();
  aHero({ weights: [0.5, 0.2] }).variant;

  expect(await recorded('exposure')).toMatchObject([
    { variant: first, props: { variant_share: weights[variants.indexOf(first)] } },
    // Weights that do not fit are not used.
    { props: { variant_share: 1 / 3 } },
  ]);
});

test('the next session and the next visitor are told again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { aHero, tracker, collector } = aVisitor();

  aHero().variant;
  vi.setSystemTime(Date.now() + 31 * 60_000);
  aHero().variant;
  await tracker.flush();
  tracker.reset();
  aHero().variant;
  aHero().variant;
  await tracker.flush();

  const exposed = collector.attempts.flatMap(({ batch }) => batch.interactions.map(() => batch));
  expect(exposed).toHaveLength(3);
  expect(new Set(exposed.map(({ session_id }) => session_id)).size).toBe(3);
  expect(exposed[1]?.visitor_id).toBe(exposed[0]?.visitor_id);
  expect(exposed[2]?.visitor_id).not.toBe(exposed[0]?.visitor_id);
});

test('a variant stays when the weights change, until it is no more', async () => {
  const { aHero } = aVisitor();
  const only = (kept: string) => variants.map((variant) => (variant === kept ? 1 : 0));

  expect(aHero({ weights: only('b') }).variant).toBe('b');
  expect(aHero({ weights: only('c') }).variant).toBe('b');
  expect(aHero({ coverage: 0 }).variant).toBe('b');
  expect(aHero({ variants: ['control', 'c'], weights: [0, 1] }).variant).toBe('c');
});

test('a variant does not pass from one visitor to the next', () => {
  const { aHero, tracker } = aVisitor();

  const bucket = () => bucketOf('hero-copy', tracker.ids().visitorId ?? '');
  const before = bucket();

  expect(aHero({ weights: [0, 1, 0] }).variant).toBe('b');
  // One of ten thousand visitors has the bucket of the one before, and keeps what it had.
  do tracker.reset();
  while (bucket() === before);
  expect(aHero({ weights: [0, 0, 1] }).variant).toBe('c');
});

test('who does not take part sees the fallback, and is not counted', async () => {
  const { aHero, recorded } = aVisitor();

  expect(aHero({ coverage: 0 }).variant).toBe('control');

  expect(await recorded()).toEqual([]);
});

test('assigns by person where it is told to, and nobody before they sign in', async () => {
  const { aHero, tracker, recorded } = aVisitor();

  expect(aHero({ by: 'user', fallback: 'c' }).variant).toBe('c');
  tracker.identify('user_7');
  const expected = assignVariant('hero-copy', 'user_7', { variants });
  expect(aHero({ by: 'user', fallback: 'c' }).variant).toBe(expected);

  expect(await recorded('exposure')).toMatchObject([{ variant: expected }]);
});

test('a forced variant is shown, and no result counts it', async () => {
  history.replaceState(null, '', '?turnout_force=other:x&turnout_force=hero-copy:c');
  const { aHero, recorded } = aVisitor();
  const hero = aHero({ weights: [1, 0, 0] });

  expect([hero.peek(), hero.variant, hero.variant]).toEqual(['c', 'c', 'c']);

  expect(await recorded()).toMatchObject([
    { type: 'custom', name: 'exposure_forced', experiment: 'hero-copy', variant: 'c' },
  ]);
  expect(Object.keys(localStorage).filter((name) => name.includes('experiment'))).toEqual([]);
});

test('a forced variant that does not exist is nothing', () => {
  history.replaceState(null, '', '?turnout_force=hero-copy:z');

  expect(aVisitor().aHero({ weights: [1, 0, 0] }).variant).toBe('control');
});

test('stores nothing while nobody agreed, and tells once all the same', async () => {
  const { aHero, tracker, recorded } = aVisitor({ consent: 'pending' });

  const seen = aHero().variant;
  aHero().variant;
  expect(localStorage.length).toBe(0);
  tracker.consent.grant();

  expect(aHero().variant).toBe(seen);
  expect(await recorded('exposure')).toHaveLength(1);
});

test('shows the fallback after a refusal, and keeps nothing', async () => {
  const { aHero, tracker, recorded } = aVisitor();

  aHero().variant;
  expect(Object.keys(localStorage).some((name) => name.includes('hero-copy'))).toBe(true);
  tracker.consent.deny();

  expect(aHero({ fallback: 'c' }).variant).toBe('c');
  expect(Object.keys(localStorage).some((name) => name.includes('hero-copy'))).toBe(false);
  expect(await recorded()).toEqual([]);
});
