/**
 * Logistic regression by plain SQL: each pass asks the engine for two sums over all rows, and only a system of a
 * dozen equations is solved here (iteratively reweighted least squares).
 */
import type { Database } from './database.ts';

/** A fitted model. A feature is standardised before its coefficient counts: less its mean, by its deviation. */
export interface Model {
  means: number[];
  deviations: number[];
  /** The intercept, then one for each feature. */
  coefficients: number[];
}

/** Keeps the coefficients of features that always go together from running away; the intercept is free. */
const RIDGE = 1;
const MAX_PASSES = 30;

/**
 * Fits a model to the rows of a SELECT with the columns `x Array(Float64)` and `y` (0 or 1).
 *
 * @param width - How many features `x` has.
 */
export async function fitLogistic(database: Database, rows: string, width: number): Promise<Model> {
  const [shape] = await database.query<{ means: number[]; deviations: number[] }>(
    `SELECT avgForEach(x) AS means, stddevPopForEach(x) AS deviations FROM (${rows})`,
  );
  // Averages of no rows have no elements.
  if (!shape || shape.means.length === 0) {
    const each = (value: number) => Array.from({ length: width }, () => value);
    return { means: each(0), deviations: each(1), coefficients: [0, ...each(0)] };
  }
  const { means } = shape;
  // A feature that never varies has nothing to say: less its mean it is 0, whatever it is divided by.
  const deviations = shape.deviations.map((deviation) => (deviation > 1e-12 ? deviation : 1));
  let coefficients = Array.from({ length: width + 1 }, () => 0);
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const model = { means, deviations, coefficients };
    const [sums] = await database.query<{ gradient: number[]; curvature: number[] }>(
      `SELECT sumForEach(arrayMap(v -> v * (y - p), z)) AS gradient,
         sumForEach(arrayFlatten(arrayMap(a -> arrayMap(b -> a * b * p * (1 - p), z), z))) AS curvature
       FROM (SELECT y, ${standardised(model)} AS z, ${probability(model)} AS p FROM (${rows}))`,
    );
    const step = solve(
      coefficients.map((_, row) =>
        coefficients.map(
          (_, column) =>
            (sums?.curvature[row * (width + 1) + column] ?? 0) + (row === column && row > 0 ? RIDGE : 0),
        ),
      ),
      coefficients.map((value, row) => (sums?.gradient[row] ?? 0) - (row > 0 ? RIDGE * value : 0)),
    );
    coefficients = coefficients.map((value, index) => value + (step[index] ?? 0));
    if (Math.max(...step.map(Math.abs)) < 1e-8) break;
  }
  return { means, deviations, coefficients };
}

/** The probability of a row with the column `x`, as SQL. */
export function probability(model: Model): string {
  // Bounded, so that the power stays finite.
  return `(1 / (1 + exp(-greatest(-500, least(500, arraySum((c, v) -> c * v, ${list(model.coefficients)}, ${standardised(model)}))))))`;
}

const list = (values: number[]) => `[${values.map((value) => `toFloat64(${value})`).join(', ')}]`;

const standardised = ({ means, deviations }: Model) =>
  `arrayPushFront(arrayMap((v, mean, deviation) -> (v - mean) / deviation, x, ${list(means)}, ${list(deviations)}), toFloat64(1))`;

/** Solves a system of equations by elimination; a column without a pivot gets 0. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const below = rows.slice(column);
    const pivot = below.reduce((best, row) =>
      Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best,
    );
    const head = pivot[column] ?? 0;
    if (Math.abs(head) < 1e-12) continue;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / head;
      for (let at = column; at <= size; at += 1) row[at] = (row[at] ?? 0) - factor * (pivot[at] ?? 0);
    }
  }
  return rows.map((row, index) =>
    Math.abs(row[index] ?? 0) < 1e-12 ? 0 : (row[size] ?? 0) / (row[index] ?? 1),
  );
}
