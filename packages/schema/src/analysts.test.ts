import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import { settleFunnel } from './funnel-refresh.ts';
import type { InteractionRow } from './table.ts';

/** Question → its SQL, read out of the page. */
const page = await readFile(new URL('../../../docs/analysts.md', import.meta.url), 'utf8');
const questions = [...page.matchAll(/^## (\d+)\. (.+)\n[^#]*?```sql\n([^`]+)```/gm)].map(
  ([, number, question, sql]) => [Number(number), question, sql] as [number, string, string],
);

let engine: Engine;
const rows: InteractionRow[] = seeded();
beforeAll(async () => {
  engine = await openMigrated();
  await engine.insert(rows);
  await engine.command(
    `INSERT INTO turnout.entities (site_id, entity_type, entity_id, version, name, cost, cost_per, capacity)
     VALUES ('demo', 'event', 'e1', 1, 'Night Tide', NULL, '', NULL), ('demo', 'ad', 'ad1', 1, 'Summer', 2.5, 'click', NULL),
       ('demo', 'venue', 'v1', 1, 'Paradiso', NULL, '', 300)`,
  );
  await settleFunnel(engine);
});
afterAll(() => engine.close());

/** Seven weeks of thirty fans: the first weeks are busier, some buy, some wait, some see another variant. */
function seeded(): InteractionRow[] {
  const made: InteractionRow[] = [];
  for (let daysAgo = 48; daysAgo > 0; daysAgo -= 1) {
    for (let fan = 1; fan <= 30; fan += 1) {
      if (fan % 3 !== 0 && (fan + daysAgo) % 4 !== 0) continue;
      const event = `e${1 + (fan % 2)}`;
      let minute = 0;
      const add = (row: Partial<InteractionRow>) => {
        minute += 1;
        const ts = `${at(daysAgo).slice(0, 10)} 12:${String(minute).padStart(2, '0')}:00.000`;
        const things = {
          entity_id: event,
          artist_id: 'a1',
          venue_id: 'v1',
          genre: fan % 2 ? 'jazz' : 'rock',
        };
        const who = { user_key: String(fan), session_id: `${fan}-${daysAgo}` };
        made.push(aRow({ ts, received_at: ts, ...things, event_date: '2027-01-02', ...who, ...row }));
      };
      const place = { city: 'Austin', country: 'US', age_band: fan % 2 ? '25-34' : '35-44', gender: 'f' };
      add({ type: 'exposure', experiment: 'poster', variant: fan % 2 ? 'control' : 'blue', entity_id: '' });
      add({ type: 'impression', utm_source: fan % 5 ? '' : 'mail' });
      add({ type: 'click', ...place });
      add({ type: 'view', ...place });
      add({ type: 'interest' });
      add({ type: 'served', entity_type: 'ad', entity_id: 'ad1' });
      add({ type: 'impression', entity_type: 'ad', entity_id: 'ad1' });
      if (fan % 4 === 0) add({ type: 'click', entity_type: 'ad', entity_id: 'ad1' });
      // All start the film, half of them see a half of it, and those nearly all.
      for (const quartile of fan % 2 ? [0, 25, 50, 75] : [0])
        add({
          ...{ type: 'media_play', entity_type: 'ad', entity_id: 'ad1', duration_ms: quartile * 40 },
          props: { media: 'video', quartile },
        });
      add({
        type: 'search',
        entity_type: '',
        entity_id: '',
        query: 'polka',
        props: { result_count: fan % 2 },
      });
      add({ type: 'impression', entity_type: 'recommendation', entity_id: 'r1' });
      add({ type: 'follow', entity_type: 'artist', entity_id: 'a1' });
      if (daysAgo % 7 === 0) add({ type: 'waitlist_join' });
      if (daysAgo % 7 === 6) add({ type: 'waitlist_offer' });
      if (fan % 5 !== 0 || daysAgo % 3 !== 0) continue;
      add({ type: 'ticket_click', ticket_provider: 'box-office', props: { click_id: `${fan}-${daysAgo}` } });
      add({ type: 'purchase', site_value: '49.5', quantity: 2, props: { click_id: `${fan}-${daysAgo}` } });
      add({ type: 'attendance' });
      add({ type: 'view', entity_type: 'offer', entity_id: 'o1' });
      add({ type: 'purchase', entity_type: 'offer', entity_id: 'o1', site_value: '5' });
    }
  }
  return made;
}

test('the page asks its questions in order', () => {
  expect(questions.map(([number]) => number)).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
});

test.each(questions)('question %i has an answer: %s', async (_, __, sql) => {
  const answer = await engine.query(sql);

  expect(answer.length).toBeGreaterThan(0);
});

const answerTo = async <Row>(number: number) => {
  const sql = questions.find(([asked]) => asked === number)?.[2] ?? '';
  return engine.query<Row>(`${sql} SETTINGS output_format_json_quote_64bit_integers = 0`);
};
/** The rows of the last 30 days, today being the last. */
const recent = (type: string, entity: string) =>
  rows.filter(
    (row) => row.type === type && row.entity_type === entity && row.local_date > at(30).slice(0, 10),
  );

test('the best seller has the tickets and the money that its rows have', async () => {
  const sold = recent('purchase', 'event').filter(({ entity_id }) => entity_id === 'e1');

  const best = (await answerTo<{ event_id: string }>(1)).find(({ event_id }) => event_id === 'e1');

  expect(sold.length).toBeGreaterThan(5);
  expect(best).toEqual({
    ...{ event_id: 'e1', name: 'Night Tide', tickets: 2 * sold.length, money: 49.5 * sold.length },
  });
});

test('the ad has cost what its clicks cost', async () => {
  const clicks = recent('click', 'ad').length;

  expect(await answerTo(8)).toMatchObject([
    { shown: recent('served', 'ad').length, clicked: clicks, paid: 2.5 * clicks, cost_per_click: 2.5 },
  ]);
});

test('the searches without a result are those that said so', async () => {
  const nothing = recent('search', '').filter((row) => row.props?.result_count === 0);

  expect(await answerTo(12)).toEqual([
    { query: 'polka', searched: recent('search', '').length, found_nothing: nothing.length },
  ]);
});

test('the last campaign brings the purchases of who came by it', async () => {
  const all = rows.filter((row) => row.type === 'purchase' && row.local_date >= at(30).slice(0, 10));

  expect(await answerTo(19)).toEqual([
    {
      ...{ source: 'mail', campaign: '', purchases: all.length },
      money: all.reduce((sum, row) => sum + Number(row.site_value), 0),
    },
  ]);
});

test('the links to the shop bring the orders that handed their click id back', async () => {
  // The view begins a day before the others: today less 30 days is within.
  const since = at(30).slice(0, 10);
  const clicks = rows.filter((row) => row.type === 'ticket_click' && row.local_date >= since);

  expect(await answerTo(21)).toEqual([
    {
      ...{ ticket_provider: 'box-office', clicks: clicks.length, certain: clicks.length, likely: 0 },
      ...{ money: 49.5 * clicks.length, orders_per_click: 1 },
    },
  ]);
});

test('of the video as much was watched as its quarters say', async () => {
  const plays = recent('media_play', 'ad');
  const at = (quartile: number) => plays.filter(({ props }) => props?.quartile === quartile).length;

  expect(at(50)).toBeGreaterThan(5);
  expect(await answerTo(22)).toEqual([
    {
      ...{ ad_id: 'ad1', name: 'Summer', started: at(0), half: at(50) / at(0), to_the_end: 0 },
      // 1, 2 and 3 seconds after the quarters of a film of four seconds.
      seconds_a_play: (at(50) * 6) / at(0),
    },
  ]);
});

test('who is likely to buy is ranked by the probability where there is one, and not by a formula beside it', async () => {
  const told = async () =>
    (await answerTo<{ user_key: string; purchase_probability: number | null }>(16)).map((row) => ({
      ...row,
      isKnown: row.purchase_probability !== null,
    }));
  // Who bought once and was not seen since: 0.7 by the formula, more than anybody's chance of this week.
  const gone = { user_key: '999', ts: at(200), received_at: at(200), site_value: '20' } as const;
  await engine.insert([aRow({ ...gone, type: 'ticket_click' }), aRow({ ...gone, type: 'purchase' })]);
  const before = await told();
  const none = Array.from({ length: 12 }, () => 0);
  await engine.command(
    `INSERT INTO turnout.purchase_models (site_id, trained_at, horizon_days, features, means, deviations, coefficients, published)
     VALUES ('demo', now64(3), 7, arrayMap(n -> toString(n), range(12)), [${none}], arrayMap(n -> 1, range(12)), [-3, ${none}], 1)`,
  );

  const after = await told();

  expect(before.every(({ isKnown }) => !isKnown)).toBe(true);
  expect(after).toHaveLength(20);
  expect(after.every(({ isKnown }) => isKnown)).toBe(true);
});
