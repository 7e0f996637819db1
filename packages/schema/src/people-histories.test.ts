import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openMigrated } from './engine.test-helper.ts';
import { naiveChurn, reasonsOf } from './naive-churn.test-helper.ts';
import { naiveExperiments } from './naive-experiments.test-helper.ts';
import { FEATURES, naiveFeatures } from './naive-features.test-helper.ts';
import { naivePaths } from './naive-paths.test-helper.ts';
import { naiveRetention } from './naive-retention.test-helper.ts';
import { naiveEngagement, naiveLikelihood } from './naive-scores.test-helper.ts';
import { naiveSegments } from './naive-segments.test-helper.ts';
import { peopleHistoryOf } from './people-histories.test-helper.ts';
import { type Clock, DAY_MS, type Recount } from './people-rows.test-helper.ts';
import { differencesOf } from './recount-differences.test-helper.ts';
import type { InteractionRow } from './table.ts';

/** Histories of each run; each is a site of its own, so that all share an engine. A longer run says its own number. */
const HISTORIES = Number(process.env.TURNOUT_HISTORIES ?? 200);
/** Another first number makes other histories. */
const FIRST = Number(process.env.TURNOUT_FIRST_HISTORY ?? 1);
const BLOCKS = 4;
/** What is dated is dated from here: a view as of now says itself what now is. */
const STARTED = Date.now();
const daysAgo = (days: number) => new Date(STARTED - days * DAY_MS).toISOString().slice(0, 10);

let engine: Engine;
/** All that counts: of people, in production. */
let rows: InteractionRow[] = [];
beforeAll(async () => {
  engine = await openMigrated();
  const all = Array.from({ length: HISTORIES }, (_, index) => peopleHistoryOf(FIRST + index, STARTED)).flat();
  rows = all.filter((row) => row.is_bot === 0 && row.env === 'production');
  for (let block = 0; block < BLOCKS; block += 1) {
    const part = all.filter((_, index) => index % BLOCKS === block);
    const token = crypto.randomUUID();
    // Each block comes twice, as after a lost answer.
    await engine.insert(part, token);
    await engine.insert(part, token);
  }
}, 180_000);
afterAll(() => engine.close());

type Row = Recount extends Map<string, infer Said> ? Said : never;

/** What a view says, by what names its rows, and the clock that it looked at. */
async function said(view: string, nameOf: (row: Row) => string): Promise<Clock & { figures: Recount }> {
  for (;;) {
    const [before] = await engine.query<{ today: string }>('SELECT toString(today()) AS today');
    const answer = await engine.query<Row>(
      `SELECT *, toUnixTimestamp64Milli(now64(3)) AS engine_now FROM turnout.${view}
       SETTINGS output_format_json_quote_64bit_integers = 0`,
    );
    const [after] = await engine.query<{ today: string }>('SELECT toString(today()) AS today');
    const figures = new Map(answer.map(({ engine_now, ...row }) => [nameOf(row), row as Row]));
    expect(figures.size, 'each row of a view has a name of its own').toBe(answer.length);
    // Where midnight fell in between nobody knows which of the two days the view took for today: it is asked again.
    if (before && before.today === after?.today)
      return { figures, today: before.today, now: Number(answer[0]?.engine_now) };
  }
}

const person = ({ site_id, user_key }: Row) => `${site_id} ${user_key}`;

/** What names the rows of the views: what nothing is counted of. */
const NAMES = [
  'site_id',
  'user_key',
  'cohort',
  'period',
  'position',
  'step',
  'next_step',
  'experiment',
  'variant',
];

/** Expects every column to be counted, and every value to be the same. */
function expectSame(view: string, figures: Recount, counted: Recount) {
  const [row = {}] = figures.values();
  const columns = new Set([...counted.values()].flatMap((count) => Object.keys(count)));
  const left = Object.keys(row).filter((column) => !columns.has(column) && !NAMES.includes(column));
  expect(left, 'columns without a recount').toEqual([]);
  expect(counted.size).toBeGreaterThan(HISTORIES / 2);
  // The first few tell enough. The number of a history is in the name of its site: see TURNOUT_FIRST_HISTORY.
  const differences = differencesOf(view, figures, counted);
  const made = `histories ${FIRST} to ${FIRST + HISTORIES - 1}, made at ${new Date(STARTED).toISOString()}`;
  expect(differences.slice(0, 5), `${differences.length} differences; ${made}`).toEqual([]);
}

test('engagement_scores and its parts are what a plain count says, for every person', async () => {
  const { figures, ...clock } = await said('engagement_scores', person);

  expectSame('engagement_scores', figures, naiveEngagement(rows, clock));
});

test('purchase_likelihood and its parts are what a plain count says, for every person', async () => {
  const { figures, ...clock } = await said('purchase_likelihood', person);

  expectSame('purchase_likelihood', figures, naiveLikelihood(rows, clock));
});

test('churn_risk, its parts and its reasons are what a plain count says, for every person', async () => {
  const { figures, ...clock } = await said('churn_risk', person);

  const comparable = [...figures].map(([name, row]): [string, Row] => {
    const parts = row as { [part: string]: number };
    return [name, { ...row, ...reasonsOf(parts, row.reasons as string[]) }];
  });
  expectSame('churn_risk', new Map(comparable), naiveChurn(rows, clock));
});

test('user_segments are what a plain count says, for every person', async () => {
  const { figures, ...clock } = await said('user_segments', person);

  expectSame('user_segments', figures, naiveSegments(rows, clock));
});

test.each(['day', 'week', 'month'] as const)('retention by %s is what a plain count says', async (grain) => {
  // Those who came before the first day or after the last are of no cohort.
  const [from, to] = [daysAgo(250), daysAgo(4)];

  const { figures } = await said(
    `retention(from = '${from}', to = '${to}', grain = '${grain}')`,
    ({ site_id, cohort, period }) => `${site_id} ${cohort} ${period}`,
  );

  expectSame('retention', figures, naiveRetention(rows, from, to, grain));
});

test('paths are what a plain walk through each session says, over midnights and at both ends', async () => {
  const [from, to] = [daysAgo(60), daysAgo(2)];

  const { figures } = await said(
    `paths(from = '${from}', to = '${to}')`,
    ({ site_id, position, step, next_step }) => `${site_id}|${position}|${step}|${next_step}`,
  );

  expectSame('paths', figures, naivePaths(rows, from, to));
});

test('purchase_features are what a plain count says, of the days before and no later', async () => {
  const asOf = daysAgo(10);

  const { figures } = await said(`purchase_features(as_of = '${asOf}')`, person);

  const named = [...figures].map(([name, { x }]): [string, Row] => {
    expect(x).toHaveLength(FEATURES.length);
    return [name, Object.fromEntries((x as number[]).map((value, index) => [FEATURES[index], value]))];
  });
  expectSame('purchase_features', new Map(named), naiveFeatures(rows, asOf));
});

test('experiment_results are what a plain count and a textbook say, for every variant', async () => {
  const { figures } = await said(
    'experiment_results',
    ({ site_id, experiment, variant }) => `${site_id} ${experiment} ${variant}`,
  );

  expectSame('experiment_results', figures, naiveExperiments(rows));
});
