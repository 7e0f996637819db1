import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openMigrated } from './engine.test-helper.ts';
import { settleFunnel } from './funnel-refresh.ts';
import { historyOf } from './histories.test-helper.ts';
import { type Figures, naiveViews } from './naive-views.test-helper.ts';
import type { InteractionRow } from './table.ts';
import { verify } from './verify.ts';

/** Histories of each run; each is a site of its own, so that all share an engine. A longer run says its own number. */
const HISTORIES = Number(process.env.TURNOUT_HISTORIES ?? 1_000);
const BLOCKS = 5;
/** Another first number makes other histories. */
const FIRST = Number(process.env.TURNOUT_FIRST_HISTORY ?? 1);

let engine: Engine;
const rows: InteractionRow[] = [];
let expected: ReturnType<typeof naiveViews> = {};
beforeAll(async () => {
  engine = await openMigrated();
  for (let number = FIRST; number < FIRST + HISTORIES; number += 1) rows.push(...historyOf(number).rows);
  expected = naiveViews(rows);
  for (let block = 0; block < BLOCKS; block += 1) {
    const part = rows.filter((_, index) => index % BLOCKS === block);
    const token = crypto.randomUUID();
    // Each block comes twice, as after a lost answer.
    await engine.insert(part, token);
    await engine.insert(part, token);
  }
  await settleFunnel(engine);
}, 180_000);
afterAll(() => engine.close());

/** What names a row of each view beside the site and the day. */
const KEYS: { [view: string]: string } = {
  event_daily: 'event_id',
  artist_daily: 'artist_id',
  venue_daily: 'venue_id',
  ad_daily: 'ad_id',
  offer_daily: 'offer_id',
  recommendation_daily: 'recommendation_id',
  user_daily: 'toString(user_key)',
  waitlist_daily: `concat(entity_type, '/', entity_id)`,
  search_daily: 'query',
  funnel_daily: 'event_id',
  site_daily: '',
};

test.each(Object.keys(KEYS))('%s says what a plain count says, for every history', async (view) => {
  const naive = expected[view] ?? new Map();
  const columns = Object.keys([...naive.values()][0] ?? {});
  const key = KEYS[view] === '' ? '' : `, ' ', ${KEYS[view]}`;

  const said = await engine.query<{ row_key: string; [column: string]: unknown }>(
    `SELECT concat(site_id, ' ', toString(date)${key}) AS row_key, ${columns.join(', ')} FROM turnout.${view}
     SETTINGS output_format_json_quote_64bit_integers = 0`,
  );

  const figures: Figures = new Map(
    said.map(({ row_key, ...row }) => [row_key, row as { [c: string]: number }]),
  );
  expect(naive.size).toBeGreaterThan(HISTORIES / 20);
  // One comparison of everything would print everything.
  const differing = [...new Set([...naive.keys(), ...figures.keys()])].filter(
    (name) => rounded(naive.get(name)) !== rounded(figures.get(name)),
  );
  const [first] = differing;
  expect(
    first && {
      first,
      row: figures.get(first),
      rows: rows.filter(({ site_id }) => first.startsWith(`${site_id} `)),
    },
  ).toEqual(first && { first, row: naive.get(first), rows: expect.anything() });
});

test('every rollup equals its recount from raw, for every history', async () => {
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
}, 120_000);

/** A row as text, with floats to twelve digits: a sum of them depends on its order. */
function rounded(row: Figures extends Map<string, infer Row> ? Row | undefined : never): string {
  const values = Object.entries(row ?? {}).map(([column, value]) => [
    column,
    typeof value === 'number' ? Number(value.toPrecision(12)) + 0 : value,
  ]);
  return JSON.stringify(values);
}
