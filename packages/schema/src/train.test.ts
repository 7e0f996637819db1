import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, type Engine, openMigrated } from './engine.test-helper.ts';
import { fitLogistic } from './logistic.ts';
import { PURCHASE_FEATURES, train } from './train.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openMigrated();
});
afterEach(() => engine.close());

/**
 * Six weeks of a site: everybody comes on one day a week and a third follows a ticket link. Each then purchases
 * within days by `chance`, which may look at the ticket link.
 */
async function season(site: string, people: number, chance: string): Promise<void> {
  const dice = (salt: string) => `(sipHash64(person, week, '${salt}') % 1000 / 1000)`;
  await engine.command(
    `INSERT INTO turnout.interactions (site_id, id, ts, received_at, local_date, type, user_key, session_id, entity_type, entity_id)
     SELECT '${site.replaceAll("'", "\\'")}', generateUUIDv4(), toDateTime64(toDate('${at(0).slice(0, 10)}') - moment.2, 3, 'UTC') + 43200 AS ts, ts, toDate(ts), moment.1,
       person + 1, concat(toString(person), '-', toString(week)), 'event', 'e1'
     FROM (
       SELECT number % ${people} AS person, intDiv(number, ${people}) AS week,
         ${dice('ticket')} < 0.33 AS wants, ${dice('buys')} < (${chance}) AS buys
       FROM numbers(${people * 7})
     )
     ARRAY JOIN arrayFilter(m -> m.1 != '', [
       ('view', toInt32(week * 7 + 8)),
       (if(wants, 'ticket_click', ''), toInt32(week * 7 + 8)),
       (if(buys, 'purchase', ''), toInt32(week * 7 + 3))
     ]) AS moment`,
  );
}

test('a site whose ticket clicks lead to purchases gets a model that is published and calibrated', async () => {
  await season('telling', 4_000, 'if(wants, 0.5, 0.02)');

  const [training] = await train(engine);

  expect(training?.verdict).toMatch(/^published/);
  // The best there is: 0.5 among a third, 0.02 among the others.
  expect(training?.auc).toBeGreaterThan(0.8);
  expect(training?.auc).toBeGreaterThan(training?.formula_auc ?? 1);
  expect(training?.brier).toBeLessThan(training?.base_brier ?? 0);
  expect(training?.calibration).toHaveLength(10);
  for (const { predicted, observed } of training?.calibration ?? []) {
    expect(Math.abs(predicted - observed)).toBeLessThan(0.08);
  }
  const [stored] = await engine.query<Record<string, unknown>>('SELECT * FROM turnout.purchase_models');
  expect(stored).toMatchObject({ site_id: 'telling', published: 1, horizon_days: 7, auc: training?.auc });
  const [likely] = await engine.query<{ low: number; high: number; people: string; unknown: string }>(
    `SELECT min(purchase_probability) AS low, max(purchase_probability) AS high, toString(count()) AS people,
       toString(countIf(isNull(purchase_probability))) AS unknown FROM turnout.purchase_likelihood`,
  );
  expect(likely?.people).toBe('4000');
  expect(likely?.unknown).toBe('0');
  expect(likely?.low).toBeGreaterThanOrEqual(0);
  expect(likely?.high).toBeLessThanOrEqual(1);
  expect(await engine.query(`SELECT name FROM system.tables WHERE name = 'training_rows'`)).toEqual([]);
});

test('a model of chance is not published, nor one of a few purchases, and no probability is told', async () => {
  await season('chance', 2_000, '0.1');
  await season("o'few", 50, 'person < 2');

  const trainings = await train(engine);

  expect(trainings.map(({ site_id, published }) => [site_id, published])).toEqual([
    ['chance', false],
    ["o'few", false],
  ]);
  expect(trainings[0]?.verdict).toMatch(/^not published: it (ranks|errs) no/);
  expect(trainings[1]?.verdict).toMatch(/purchasers are too few/);
  const [probabilities] = await engine.query<{ told: string }>(
    'SELECT toString(count(purchase_probability)) AS told FROM turnout.purchase_likelihood',
  );
  expect(probabilities?.told).toBe('0');
});

test('the features are those of the view, and know nothing of the day they are asked for', async () => {
  await season('future', 10, '1');
  const as_of = at(14).slice(0, 10);
  const [before] = await engine.query<{ x: number[] }>(
    `SELECT x FROM turnout.purchase_features(as_of = '${as_of}') WHERE user_key = 1`,
  );
  await engine.command(
    `INSERT INTO turnout.interactions (site_id, id, ts, received_at, local_date, type, user_key)
     SELECT 'future', generateUUIDv4(), '${as_of} 00:00:01', now64(3), '${as_of}', 'ticket_click', 1 FROM numbers(9)`,
  );
  const [after] = await engine.query<{ x: number[] }>(
    `SELECT x FROM turnout.purchase_features(as_of = '${as_of}') WHERE user_key = 1`,
  );

  expect(before?.x).toHaveLength(PURCHASE_FEATURES.length);
  expect(after).toEqual(before);
});

test('the fit is where the slope of the likelihood is zero, and a constant feature says nothing', async () => {
  const rows = `SELECT [number % 10, sqrt(number % 7), 3]::Array(Float64) AS x,
    toUInt8(sipHash64(number) % 100 < 10 + 5 * (number % 10)) AS y FROM numbers(3000)`;

  const { means, deviations, coefficients } = await fitLogistic(engine, rows, 3);

  const data = await engine.query<{ x: number[]; y: number }>(rows);
  const slope = coefficients.map(() => 0);
  for (const { x, y } of data) {
    const z = [1, ...x.map((value, index) => (value - (means[index] ?? 0)) / (deviations[index] ?? 1))];
    const sum = z.reduce((total, value, index) => total + value * (coefficients[index] ?? 0), 0);
    for (const [index, value] of z.entries())
      slope[index] = (slope[index] ?? 0) + value * (y - 1 / (1 + Math.exp(-sum)));
  }
  // All but the intercept are drawn to zero by a ridge of 1.
  for (const [index, value] of slope.entries())
    expect(value - (index > 0 ? (coefficients[index] ?? 0) : 0)).toBeCloseTo(0, 5);
  expect(coefficients[1]).toBeGreaterThan(0.3);
  expect(coefficients[3]).toBe(0);
});
