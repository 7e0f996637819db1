/**
 * Training of `purchase_probability`: learns from past weeks, is tested on the last one, and is published only when
 * it beats both the formula `purchase_likelihood` and one probability for all.
 */
import type { Database } from './database.ts';
import { fitLogistic, type Model, probability } from './logistic.ts';
import { quoted } from './quoted.ts';
import { activityPoints, takenBack } from './recount.ts';

export type { Database } from './database.ts';

/** The features of the view `purchase_features`, in its order. */
export const PURCHASE_FEATURES = [
  'interactions_7',
  'interactions_30',
  'active_days_30',
  'events_clicked_30',
  'events_viewed_30',
  'interested_30',
  'ticket_clicks_7',
  'ticket_clicks_30',
  'searches_30',
  'days_away',
  'purchases_90',
  'has_purchased',
] as const;

/** What {@link train} may be told. */
export interface TrainOptions {
  /** The model tells the chance of a purchase within so many days. 7 unless said otherwise. */
  horizonDays?: number;
  /** It learns from so many stretches of that length, before the one it is tested on. 4 unless said otherwise. */
  stretches?: number;
  /** Is called before each piece of work. */
  onProgress?: (progress: TrainProgress) => void;
}

/** Where a training is. */
export interface TrainProgress {
  /** `gathering` what was known of people on past days, then `fitting` site by site. */
  step: 'gathering' | 'fitting';
  done: number;
  total: number;
}

/** How a site's model did on the days it had not seen. */
export interface Training {
  site_id: string;
  /** True when `purchase_probability` now uses it. */
  published: boolean;
  /** Why, or why not. */
  verdict: string;
  people: number;
  purchasers: number;
  auc: number;
  formula_auc: number;
  pr_auc: number;
  brier: number;
  formula_brier: number;
  base_brier: number;
  /** By tenths of the people, least likely first: what was predicted on average, and what happened. */
  calibration: { decile: number; people: number; predicted: number; observed: number }[];
  coefficients: { feature: string; coefficient: number }[];
}

/** Fewer purchasers than this, in training or in the test, say nothing. */
const MIN_PURCHASERS = 20;
const ROWS = 'turnout.training_rows';

/**
 * Fits and tests a model for each site, and records each in `turnout.purchase_models`.
 *
 * @example
 * for (const { site_id, verdict } of await train(database)) console.log(site_id, verdict);
 */
export async function train(database: Database, options: TrainOptions = {}): Promise<Training[]> {
  const horizon = options.horizonDays ?? 7;
  const [today] = await database.query<{ day: string }>('SELECT toString(today()) AS day');
  const daysAgo = (days: number) =>
    new Date(Date.parse(today?.day ?? '') - days * 86_400_000).toISOString().slice(0, 10);
  const stretches = Array.from(
    { length: (options.stretches ?? 4) + 1 },
    (_, back) => [back, daysAgo(horizon * (back + 1))] as const,
  );

  // A table and not a subquery: each pass reads it again. One that is left over was cut off.
  await database.command(`DROP TABLE IF EXISTS ${ROWS}`);
  await database.command(
    `CREATE TABLE ${ROWS} (site_id String, holdout UInt8, x Array(Float64), y UInt8, formula Float64)
     ENGINE = MergeTree ORDER BY (site_id, holdout) COMMENT 'What turnout train is learning from.'`,
  );
  try {
    for (const [back, from] of stretches) {
      options.onProgress?.({ step: 'gathering', done: back, total: stretches.length });
      await database.command(rowsOf(from, horizon, back === 0));
    }
    const sites = await database.query<{ site_id: string }>(
      `SELECT DISTINCT site_id FROM ${ROWS} ORDER BY site_id`,
    );
    const trainings: Training[] = [];
    for (const [index, { site_id }] of sites.entries()) {
      options.onProgress?.({ step: 'fitting', done: index, total: sites.length });
      const rows = (holdout: 0 | 1) =>
        `SELECT x, y, formula FROM ${ROWS} WHERE site_id = ${quoted(site_id)} AND holdout = ${holdout}`;
      const model = await fitLogistic(database, rows(0), PURCHASE_FEATURES.length);
      const training = await judge(database, site_id, model, rows(0), rows(1));
      const [first, last] = [daysAgo(horizon * stretches.length), daysAgo(horizon + 1)];
      await record(database, training, model, horizon, [first, last, daysAgo(horizon), daysAgo(1)]);
      trainings.push(training);
    }
    return trainings;
  } finally {
    await database.command(`DROP TABLE IF EXISTS ${ROWS}`);
  }
}

/** Stores what was known of each person on a day, whether they then purchased, and what the formula said. */
function rowsOf(from: string, horizon: number, isHoldout: boolean): string {
  const before = `is_bot = 0 AND env = 'production' AND local_date < '${from}'`;
  const growth = `exp2(least(0, dateDiff('second', toDateTime('${from} 00:00:00', 'UTC'), ts)) / 86400 / 30)`;
  // The formula as the view has it, as of that day. Only the test asks for it.
  const formula = `
    SELECT site_id, user_key, countIf(type = 'purchase') AS bought,
      0.4 * if(bought = 0, 0, bought / greatest(bought, countIf(type = 'ticket_click')))
        + 0.3 * (1 - exp(-greatest(0, sum(if(${takenBack}, -1, 1) * ${activityPoints} * ${growth})) / 20))
        + 0.3 * (bought > 0) AS formula
    FROM turnout.interactions WHERE ${isHoldout ? before : '0'} GROUP BY site_id, user_key`;
  return `
    INSERT INTO ${ROWS} (site_id, holdout, x, y, formula)
    SELECT f.site_id, ${isHoldout ? 1 : 0}, f.x, later.purchased, l.formula
    FROM turnout.purchase_features(as_of = '${from}') AS f
    LEFT JOIN (
      SELECT site_id, user_key, toUInt8(1) AS purchased FROM turnout.user_day
      WHERE date >= '${from}' AND date < toDate('${from}') + ${horizon}
      GROUP BY site_id, user_key HAVING sum(purchases) > 0
    ) AS later ON f.site_id = later.site_id AND f.user_key = later.user_key
    LEFT JOIN (${formula}) AS l ON f.site_id = l.site_id AND f.user_key = l.user_key
    SETTINGS async_insert = 0`;
}

async function judge(
  database: Database,
  site_id: string,
  model: Model,
  learned: string,
  tested: string,
): Promise<Training> {
  const [base] = await database.query<{ purchasers: string; rate: number }>(
    `SELECT toString(sum(y)) AS purchasers, ifNotFinite(avg(y), 0) AS rate FROM (${learned})`,
  );
  const scored = `SELECT y, formula, ${probability(model)} AS p FROM (${tested})`;
  const [found] = await database.query<
    { people: string; purchasers: string } & { [figure in Figure]: number }
  >(
    `SELECT toString(count()) AS people, toString(sum(y)) AS purchasers,
       ${finite('arrayROCAUC(groupArray(p), groupArray(y))')} AS auc,
       ${finite('arrayROCAUC(groupArray(formula), groupArray(y))')} AS formula_auc,
       ${finite('arrayAUCPR(groupArray(p), groupArray(y))')} AS pr_auc,
       ${finite('avg(pow(p - y, 2))')} AS brier,
       ${finite('avg(pow(formula - y, 2))')} AS formula_brier,
       ${finite(`avg(pow(${base?.rate ?? 0} - y, 2))`)} AS base_brier
     FROM (${scored})`,
  );
  const calibration = await database.query<{
    decile: number;
    people: string;
    predicted: number;
    observed: number;
  }>(
    `SELECT decile, toString(count()) AS people, avg(p) AS predicted, avg(y) AS observed
     FROM (SELECT p, y, toUInt8(ntile(10) OVER (ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS decile FROM (${scored}))
     GROUP BY decile ORDER BY decile`,
  );
  const figures = found ?? { ...NOTHING, people: '0', purchasers: '0' };
  const seen = { people: Number(figures.people), purchasers: Number(figures.purchasers) };
  const verdict = verdictOf(figures, Math.min(seen.purchasers, Number(base?.purchasers)));
  return {
    site_id,
    published: verdict === PUBLISHED,
    verdict,
    ...figures,
    ...seen,
    calibration: calibration.map((row) => ({ ...row, people: Number(row.people) })),
    coefficients: ['intercept', ...PURCHASE_FEATURES].map((feature, index) => ({
      feature,
      coefficient: model.coefficients[index] ?? 0,
    })),
  };
}

type Figure = 'auc' | 'formula_auc' | 'pr_auc' | 'brier' | 'formula_brier' | 'base_brier';
const NOTHING = { auc: 0, formula_auc: 0, pr_auc: 0, brier: 0, formula_brier: 0, base_brier: 0 };
const PUBLISHED =
  'published: it ranks better than the formula, and errs less than the formula and the base rate';
/** Who nobody can be compared with has no figure. */
const finite = (figure: string) => `ifNotFinite(toFloat64(${figure}), 0)`;

function verdictOf(figures: { [figure in Figure]: number }, purchasers: number): string {
  const { auc, formula_auc, brier, formula_brier, base_brier } = figures;
  if (purchasers < MIN_PURCHASERS) {
    return `not published: ${purchasers} purchasers are too few, it takes ${MIN_PURCHASERS} in training and in the test`;
  }
  if (auc <= formula_auc) return 'not published: it ranks no better than the formula';
  if (brier >= base_brier) return 'not published: it errs no less than the base rate';
  if (brier >= formula_brier) return 'not published: it errs no less than the formula';
  return PUBLISHED;
}

async function record(
  database: Database,
  training: Training,
  model: Model,
  horizon: number,
  [trainFrom, trainTo, holdoutFrom, holdoutTo]: [string, string, string, string],
): Promise<void> {
  const row = {
    ...training,
    horizon_days: horizon,
    train_from: trainFrom,
    train_to: trainTo,
    holdout_from: holdoutFrom,
    holdout_to: holdoutTo,
    features: PURCHASE_FEATURES,
    ...model,
    published: training.published ? 1 : 0,
  };
  const columns = Object.keys(row);
  const [now] = await database.query<{ time: string }>('SELECT toString(now64(3)) AS time');
  await database.command(
    `INSERT INTO turnout.purchase_models (trained_at, ${columns.join(', ')}) SETTINGS async_insert = 0
     FORMAT JSONEachRow ${JSON.stringify({ trained_at: now?.time, ...row })}`,
  );
}
