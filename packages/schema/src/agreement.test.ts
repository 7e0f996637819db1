import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterNoon, day, type Engine, openMigrated } from './engine.test-helper.ts';
import { historyOf } from './histories.test-helper.ts';

/** What docs/analysts.md says under "Which numbers agree", asked of random histories and of purchases that are easily forgotten. */
const HISTORIES = 60;
const EVER = `from = '2000-01-01', to = '2149-06-06'`;

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
  const fan = { site_id: 'money', type: 'purchase', order_id: 'o-1' } as const;
  await engine.insert([
    ...Array.from({ length: HISTORIES }, (_, number) => historyOf(number + 1).rows).flat(),
    afterNoon(9, 0, { ...fan, site_value: '20', value: '20', currency: 'USD' }),
    afterNoon(9, 0, { ...fan, site_value: '0', value: '0', entity_id: 'free' }),
    afterNoon(9, 0, { ...fan, value: '500', currency: 'EUR', entity_type: 'offer', entity_id: 'of1' }),
    // What says no value, and what does not say what was bought.
    afterNoon(9, 0, { ...fan, user_key: '2' }),
    afterNoon(9, 0, { ...fan, site_value: '7', entity_type: '', entity_id: '' }),
    afterNoon(9, 0, { ...fan, site_value: '9', entity_type: 'merchandise', entity_id: 'shirt' }),
    // The money goes back on another day, to who signed in meanwhile.
    afterNoon(8, 0, { ...fan, type: 'refund', site_value: '-20', user_key: '3' }),
    afterNoon(8, 0, { ...fan, type: 'refund', value: '500', currency: 'EUR', entity_type: 'offer' }),
    afterNoon(9, 0, { ...fan, site_value: '1000', is_bot: 1 }),
    afterNoon(9, 0, { ...fan, site_value: '1000', env: 'staging' }),
  ]);
});
afterAll(() => engine.close());

/** Both sides are questions that tell `site_id`, `date` and the same numbers; a side without a row says zeros. */
const SAMES: { [what: string]: [string, string] } = {
  'site_daily and the people of user_daily': [
    `SELECT site_id, date, purchases, refunds, gross_revenue, revenue, searches, ticket_clicks, sessions FROM turnout.site_daily`,
    `SELECT site_id, date, sum(purchases), sum(refunds), sum(gross_revenue), sum(revenue), sum(searches_performed),
       sum(ticket_links_clicked), sum(sessions_count) FROM turnout.user_daily GROUP BY site_id, date`,
  ],
  'site_daily and the kinds of site_day': [
    `SELECT site_id, date, interactions, purchases, refunds, gross_revenue, revenue FROM turnout.site_daily`,
    `SELECT site_id, date, sum(interactions), sum(purchases), sum(refunds), sum(gross), sum(revenue) FROM turnout.site_day GROUP BY site_id, date`,
  ],
  'site_daily and attribution': [
    `SELECT site_id, date, purchases, gross_revenue FROM turnout.site_daily`,
    `SELECT site_id, date, count(), sum(revenue) FROM turnout.attribution(${EVER}, window = 30) GROUP BY site_id, date`,
  ],
  ...Object.fromEntries(
    ['event', 'offer', 'ad'].map((kind) => [
      `${kind}_daily and site_day`,
      [
        `SELECT site_id, date, sum(clicks), sum(purchases), sum(revenue) FROM turnout.${kind}_daily GROUP BY site_id, date`,
        `SELECT site_id, date, sum(clicks), sum(purchases), sum(revenue) FROM turnout.site_day WHERE entity_type = '${kind}' GROUP BY site_id, date`,
      ],
    ]),
  ),
  'recommendation_daily and site_day': [
    `SELECT site_id, date, sum(clicked), sum(converted), sum(revenue) FROM turnout.recommendation_daily GROUP BY site_id, date`,
    `SELECT site_id, date, sum(clicks), sum(purchases), sum(revenue) FROM turnout.site_day WHERE entity_type = 'recommendation' GROUP BY site_id, date`,
  ],
  'event_daily and ticket_link_daily': [
    `SELECT concat(site_id, ' ', event_id), date, sum(ticket_link_clicks) FROM turnout.event_daily GROUP BY ALL`,
    `SELECT concat(site_id, ' ', event_id), date, sum(ticket_clicks) FROM turnout.ticket_link_daily(${EVER}, window = 7)
     WHERE event_id != '' GROUP BY ALL`,
  ],
};

test.each(Object.entries(SAMES))('%s say the same of every site and day', async (_, [one, other]) => {
  const [said, again] = await Promise.all([one, other].map(numbersOf));

  expect(said?.length).toBeGreaterThan(5);
  expect(again).toEqual(said);
});

/** Rows as text, sorted, without those that say nothing but zeros. */
async function numbersOf(sql: string): Promise<string[]> {
  const rows = await engine.query(`${sql} SETTINGS output_format_json_quote_64bit_integers = 0`);
  return rows
    .map((row) => Object.values(row as object))
    .filter(([, , ...numbers]) => numbers.some((number) => Number(number) !== 0))
    .map((values) => JSON.stringify(values))
    .sort();
}

test('money in another currency or without a value is a purchase and no order, and a refund is of its day', async () => {
  const rows = await engine.query(
    `SELECT date, purchases, orders, refunds, toFloat64(gross_revenue) AS gross, toFloat64(revenue) AS net FROM turnout.site_daily
     WHERE site_id = 'money' ORDER BY date SETTINGS output_format_json_quote_64bit_integers = 0`,
  );

  expect(rows).toEqual([
    { date: day(9), purchases: 6, orders: 1, refunds: 0, gross: 36, net: 36 },
    { date: day(8), purchases: 0, orders: 0, refunds: 2, gross: 0, net: -20 },
  ]);
});

test('the page says of no other views that they agree', async () => {
  const page = await readFile(new URL('../../../docs/analysts.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## Which numbers agree\n');
  const table = section.split('\n').filter((line) => line.startsWith('| '));
  const named = new Set(table.join(' ').match(/\b\w+_(daily|day)\b|\battribution\b/g));

  expect([...named].sort()).toEqual(
    [
      ...new Set(
        Object.values(SAMES)
          .flat()
          .flatMap((sql) => [...sql.matchAll(/turnout\.(\w+)/g)].map(([, view]) => view)),
      ),
    ].sort(),
  );
});
