/** Compares a slice of one rollup with raw, inside the engine: only differences leave it. */
import type { Database } from './database.ts';
import type { Rollup } from './recount.ts';

/** A piece of a rollup that is compared at once: conditions that select the same rows on both sides. */
export interface Slice {
  rollup: string;
  raw: string;
}

/** One value that is not what raw says. */
export interface Difference {
  table: string;
  site_id: string;
  /** Null for rollups that are not by day. */
  date: string | null;
  /** The row, such as `entity_type=event entity_id=42 via=direct`; `session_id` as sipHash64 of itself. */
  key: string;
  /** The column, or `(row)` when one side lacks the whole row. */
  column: string;
  rollup: string;
  raw: string;
}

/** The differences of one site and day (of one site, for rollups that are not by day). */
export interface Finding {
  site_id: string;
  date: string;
  differences: number;
  first: Difference[];
}

/** Rollups are kept 24 months and raw 25: what is older than this cannot be compared any more. */
export const HORIZON = '(today() - INTERVAL 24 MONTH + INTERVAL 2 DAY)';
/** A slice reads about this many raw rows: enough to amortise a query, few enough for a small machine. */
const ROWS_PER_SLICE = 500_000;

/** Cuts a rollup into slices. */
export async function slicesOf(database: Database, rollup: Rollup): Promise<Slice[]> {
  if (rollup.by !== 'day') {
    const [total] = await database.query<{ rows: string }>(
      'SELECT toString(count()) AS rows FROM turnout.interactions',
    );
    const slices = Math.max(1, Math.ceil(Number(total?.rows) / ROWS_PER_SLICE));
    const { rollup: ofRollup, raw: ofRaw } = rollup.by;
    return Array.from({ length: slices }, (_, slice) => ({
      rollup: `${ofRollup} % ${slices} = ${slice}`,
      raw: `${ofRaw} % ${slices} = ${slice}`,
    }));
  }

  return (await daySlices(database, rollup.table)).map(({ from, to }) => ({
    rollup: `date BETWEEN '${from}' AND '${to}'`,
    raw: `local_date BETWEEN '${from}' AND '${to}'`,
  }));
}

/** Ranges of days that hold about as many raw rows as a slice should, with the days that only a rollup has. */
export async function daySlices(database: Database, table?: string): Promise<{ from: string; to: string }[]> {
  const only = table === undefined ? '' : `UNION ALL SELECT DISTINCT date, 0 FROM turnout.${table}`;
  const days = await database.query<{ date: string; rows: string }>(
    `SELECT toString(day) AS date, toString(sum(n)) AS rows FROM (
       SELECT local_date AS day, count() AS n FROM turnout.interactions GROUP BY day
       ${only}
     ) WHERE day >= ${HORIZON} GROUP BY day ORDER BY day`,
  );
  const slices: { from: string; to: string }[] = [];
  let from: string | undefined;
  let rows = 0;
  for (const [index, day] of days.entries()) {
    from ??= day.date;
    rows += Number(day.rows);
    if (rows < ROWS_PER_SLICE && index < days.length - 1) continue;
    slices.push({ from, to: day.date });
    from = undefined;
    rows = 0;
  }
  return slices;
}

/** Says what differs in a slice: how much in all, and the first of it. */
export async function compare(
  database: Database,
  rollup: Rollup,
  slice: Slice,
  limit: number,
): Promise<Finding[]> {
  const found = await database.query<{
    site_id: string;
    date: string;
    differences: string;
    first: { key: string[]; cells: { column: string; rollup: string; raw: string }[] }[];
  }>(
    `SELECT site_id, date, toString(sum(length(cells))) AS differences,
       groupArray(${limit})(CAST((key, cells) AS Tuple(key Array(String), cells ${CELLS}))) AS first
     FROM (${await differingRows(database, rollup, slice)})
     GROUP BY site_id, date ORDER BY date, site_id`,
  );
  return found.map(({ site_id, date, differences, first }) => ({
    site_id,
    date,
    differences: Number(differences),
    first: first
      .flatMap(({ key, cells }) =>
        cells.map((cell) => ({
          table: rollup.table,
          site_id,
          date: date === '' ? null : date,
          key: rollup.key.map(({ column }, index) => `${column}=${key[index]}`).join(' '),
          ...cell,
        })),
      )
      .slice(0, limit),
  }));
}

const CELLS = 'Array(Tuple(column String, rollup String, raw String))';

/** A SELECT of the rows of a slice that differ: site_id, date, key, since, cells. */
export async function differingRows(database: Database, rollup: Rollup, slice: Slice): Promise<string> {
  const measures = await measuresOf(database, rollup);
  const keys = rollup.key.map(({ column }) => column);
  const groups = ['site_id', ...(rollup.by === 'day' ? ['date'] : []), ...keys];
  const merged = `
    SELECT ${groups.join(', ')}, ${measures.map(({ column, merge }) => `${merge} AS ${column}`).join(', ')}
    FROM ${rollup.valid ? `(${rollup.valid})` : `turnout.${rollup.table}`} AS t WHERE ${slice.rollup} GROUP BY ${groups.join(', ')}`;
  // FINAL: an interaction that raw holds twice happened once.
  const rows = `(SELECT *, session_key, result_count, media, quartile FROM turnout.interactions FINAL
    WHERE is_bot = 0 AND env = 'production' AND ${slice.raw})`;

  // Both sides under one roof and grouped by key: a join would hold them twice.
  const side = (isRaw: 0 | 1, key: string[], from: string) =>
    `SELECT ${isRaw} AS is_raw, toString(site_id) AS site, ${rollup.by === 'day' ? 'toString(date)' : `''`} AS day,
       [${key.map((part) => `toString(${part})`).join(', ')}] AS row,
       ${rollup.since === undefined ? 'now64(3)' : possible(rollup.since)} AS earliest,
       ${measures.map(({ column, type }, index) => `${textOrValue(column, type)} AS m${index}`).join(', ')}
     FROM (${from})`;
  const differ = measures.map(({ type }, index) => {
    const [rollupValue, rawValue] = [`rollup${index}`, `raw${index}`];
    // Addition of floats depends on its order, which differs between blocks and a recount.
    const tolerance = `1e-9 * greatest(abs(${rollupValue}), abs(${rawValue}))`;
    // Not of an infinite one: all that there is lies within a billionth of it.
    const isNear = `isFinite(${rollupValue}) AND isFinite(${rawValue}) AND abs(${rollupValue} - ${rawValue}) <= ${tolerance}`;
    const far = type === 'Float64' ? ` AND NOT (${isNear})` : '';
    return `(${rollupValue} != ${rawValue}${far})`;
  });
  const cells = measures.map(
    ({ column }, index) =>
      `if(${differ[index]}, [('${column}', toString(rollup${index}), toString(raw${index}))], [])`,
  );
  return `
    SELECT site AS site_id, day AS date, row AS key, since,
      CAST(multiIf(
        in_rollup = 0, [('(row)', 'missing', 'present')],
        in_raw = 0, [('(row)', 'present', 'missing')],
        arrayConcat(${cells.join(', ')})
      ) AS ${CELLS}) AS cells
    FROM (
      SELECT site, day, row, min(earliest) AS since, countIf(is_raw = 0) AS in_rollup, countIf(is_raw = 1) AS in_raw,
        ${measures.map((_, index) => `anyIf(m${index}, is_raw = 0) AS rollup${index}, anyIf(m${index}, is_raw = 1) AS raw${index}`).join(', ')}
      FROM (
        ${side(
          0,
          rollup.key.map((key) => key.rollup),
          merged,
        )}
        UNION ALL
        ${side(1, keys, rollup.recount(rows))}
      )
      GROUP BY site, day, row
      HAVING since >= ${HORIZON} AND (in_rollup = 0 OR in_raw = 0 OR ${differ.join(' OR ')})
    )`;
}

/** Nothing is so old: a row that says so is wrong, and not older than raw. */
const possible = (since: string) =>
  `if(${since} < toDateTime64('2000-01-01 00:00:00', 3, 'UTC'), now64(3), ${since})`;

interface Measure {
  column: string;
  /** The type of its value. */
  type: string;
  /** How a reader makes the value of the stored states. */
  merge: string;
}

/** Every column of the rollup that is no key, with how to read it. */
async function measuresOf(database: Database, rollup: Rollup): Promise<Measure[]> {
  const columns = await database.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns
     WHERE database = 'turnout' AND table = {table:String} ORDER BY position`,
    { table: rollup.table },
  );
  const keys = new Set([
    'site_id',
    ...(rollup.by === 'day' ? ['date'] : []),
    ...rollup.key.map((key) => key.column),
  ]);
  // When it was counted is nothing that raw could say.
  keys.add('computed_at');
  return columns
    .filter(({ name }) => !keys.has(name))
    .map(({ name, type }) =>
      rollup.valid === undefined ? measure(name, type) : { column: name, type, merge: `any(t.${name})` },
    );
}

/** Null as text: compared with null, any value would seem to agree. */
function textOrValue(column: string, type: string): string {
  return type.startsWith('Nullable(') ? `ifNull(toString(${column}), '')` : `CAST(${column} AS ${type})`;
}

function measure(column: string, type: string): Measure {
  const simple = /^SimpleAggregateFunction\((\w+), (.+)\)$/.exec(type);
  if (simple) return { column, type: simple[2] as string, merge: `${simple[1]}(t.${column})` };
  if (type.startsWith('AggregateFunction(uniq')) {
    return { column, type: 'UInt64', merge: `uniqMerge(t.${column})` };
  }
  if (type.startsWith('AggregateFunction(groupBitmap')) {
    return {
      column,
      type: 'Array(UInt32)',
      merge: `arraySort(bitmapToArray(groupBitmapMergeState(t.${column})))`,
    };
  }
  throw new Error(
    `verify: do not know how to read column ${column} of type ${type}. Teach it in verify-compare.ts.`,
  );
}
