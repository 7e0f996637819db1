/** What a purchase is owed to, against a plain recount, and where one account has done the work of thousands. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterNoon, aRow, at, day, type Engine, openMigrated } from './engine.test-helper.ts';
import { type Dice, diceOf } from './histories.test-helper.ts';
import type { InteractionRow } from './table.ts';

const DAY_MS = 86_400_000;
const HISTORIES = 200;

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

test.each([0, 1, 3, 30, 49_000])(
  'says what a plain recount says, for random visits and a window of %i days',
  async (window) => {
    const histories = Array.from({ length: HISTORIES }, (_, number) =>
      historyOf(`w${window}-${number}`, number),
    );
    await engine.insert(histories.flat());

    const found = await engine.query<{ purchase_id: string }>(
      `SELECT toString(purchase_id) AS purchase_id, concat(first_touch.source, first_touch.campaign) AS first,
       concat(last_touch.source, last_touch.campaign) AS last, touches, last_ad, last_offer, last_recommendation
     FROM turnout.attribution(from = '${day(30)}', to = '${day(0)}', window = ${window}) WHERE startsWith(site_id, 'w${window}-')
     ORDER BY purchase_id SETTINGS output_format_json_quote_64bit_integers = 0`,
    );

    const expected = histories.flatMap((rows) => recount(rows, window * DAY_MS));
    expect(expected.length).toBeGreaterThan(HISTORIES);
    expect(found).toEqual(expected.sort((a, b) => (a.purchase_id < b.purchase_id ? -1 : 1)));
  },
);

test('an account that all guests share takes no more memory than as many people', async () => {
  const site_id = 'guests';
  const done = Array.from({ length: 4000 }, (_, n) => [
    afterNoon(9, n / 60, { site_id, type: 'page_view', session_id: `s${n}`, utm_source: 'mail' }),
    afterNoon(9, n / 60, { site_id, entity_type: 'offer', entity_id: `of${n}`, session_id: `s${n}` }),
    afterNoon(9, n / 60, {
      site_id,
      type: 'purchase',
      session_id: `s${n}`,
      order_id: `o${n}`,
      site_value: '5',
    }),
  ]);
  await engine.insert(done.flat());

  const [found] = await engine.query(
    `SELECT count() AS purchases, countIf(last_offer = replaceOne(order_id, 'o', 'of')) AS offers, sum(touches) AS touched, countIf(last_touch.source = 'mail') AS owed
     FROM turnout.attribution(from = '${day(30)}', to = '${day(0)}', window = 30) WHERE site_id = 'guests'
     SETTINGS max_memory_usage = 500000000, output_format_json_quote_64bit_integers = 0`,
  );

  expect(found).toEqual({ purchases: 4000, offers: 4000, touched: (4000 * 4001) / 2, owed: 4000 });
});

test('a question about one site reads the rows of that site alone', async () => {
  const plan = await engine.query<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT * FROM turnout.attribution(from = '${day(30)}', to = '${day(0)}', window = 30) WHERE site_id = 'guests'`,
  );
  const text = plan.map(({ explain }) => explain).join('\n');

  expect(text.split('ReadFromMergeTree')).toHaveLength(3);
  expect(text.match(/Condition: .*site_id in \['guests', 'guests'\]/g)).toHaveLength(2);
});

/** Two people over some days: visits that go on for days, come back, and carry several campaigns. */
function historyOf(site_id: string, seed: number): InteractionRow[] {
  const dice = diceOf(seed);
  return Array.from({ length: 24 }, (_, n) => momentOf(dice, site_id, n));
}

/** No two at the same moment: which of them came first is nobody's to say. */
function momentOf(dice: Dice, site_id: string, n: number): InteractionRow {
  const type = dice.pick(['purchase', 'click', 'page_view', 'page_view'] as const);
  return aRow({
    ...{
      site_id,
      type,
      ts: at(dice.below(24 * 12 * 4) / 96 + n / 8_640_000),
      user_key: dice.pick(['1', '2']),
    },
    session_id: dice.pick(['', 'a', 'b', 'c']),
    entity_type: type === 'click' ? dice.pick(['ad', 'offer', 'recommendation']) : 'event',
    entity_id: dice.pick(['x', 'y']),
    ...(type === 'purchase' ? { order_id: `o${n}`, site_value: '3' } : {}),
    ...(dice.below(2) === 0
      ? { utm_source: dice.pick(['mail', 'ads']), utm_campaign: dice.pick(['', '-spring']) }
      : {}),
  });
}

function recount(rows: InteractionRow[], windowMs: number) {
  const time = (row: InteractionRow) => Date.parse(`${row.ts}Z`);
  return rows
    .filter(({ type }) => type === 'purchase')
    .map((purchase) => {
      const before = rows
        .filter((row) => row.user_key === purchase.user_key && time(row) <= time(purchase))
        .sort((a, b) => time(a) - time(b));
      const last = (kind: string) =>
        before
          .filter(
            (row) =>
              row.type === 'click' && row.entity_type === kind && time(row) >= time(purchase) - windowMs,
          )
          .sort((a, b) => time(a) - time(b) || (a.entity_id ?? '').localeCompare(b.entity_id ?? ''))
          .at(-1)?.entity_id ?? '';
      const touches = touchesOf(before.filter((row) => row.utm_source)).filter(
        ({ began }) => began >= time(purchase) - windowMs,
      );
      const names = [
        ...new Map(touches.map(({ visit, campaign }) => [`${visit} ${campaign}`, campaign])).values(),
      ];
      return {
        purchase_id: purchase.id,
        ...{ first: names[0] ?? '', last: names.at(-1) ?? '', touches: names.length },
        ...{ last_ad: last('ad'), last_offer: last('offer'), last_recommendation: last('recommendation') },
      };
    });

  /** When each visit showed each of its campaigns first on each day, in the order of time. */
  function touchesOf(marked: InteractionRow[]) {
    const first = new Map<string, { began: number; visit: string; campaign: string }>();
    for (const row of marked) {
      const [visit, campaign] = [row.session_id || row.id, `${row.utm_source}${row.utm_campaign}`];
      const key = `${row.local_date} ${visit} ${campaign}`;
      if (!first.has(key)) first.set(key, { began: time(row), visit, campaign });
    }
    return [...first.values()].sort((a, b) => a.began - b.began);
  }
}
