import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterNoon, aRow, day, type Engine, openMigrated } from './engine.test-helper.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

const read = <Row = Record<string, unknown>>(sql: string) =>
  engine.query<Row>(`${sql} SETTINGS output_format_json_quote_64bit_integers = 0`);

test('the funnel wants its steps in order and in time, per event and over all of them', async () => {
  const site_id = 'funnel';
  await engine.insert([
    // All steps, the second after midnight.
    afterNoon(9, 0, { site_id, user_key: '1', type: 'click' }),
    afterNoon(9, 725, { site_id, user_key: '1', type: 'view' }),
    afterNoon(8, 30, { site_id, user_key: '1', type: 'purchase' }),
    // In the wrong order.
    afterNoon(9, 0, { site_id, user_key: '2', type: 'purchase' }),
    afterNoon(9, 1, { site_id, user_key: '2', type: 'view' }),
    afterNoon(9, 2, { site_id, user_key: '2', type: 'click' }),
    // Two starts: the first is too early for the end, the second is not.
    afterNoon(9, 0, { site_id, user_key: '3', type: 'click' }),
    afterNoon(8, 0, { site_id, user_key: '3', type: 'click' }),
    afterNoon(8, 10, { site_id, user_key: '3', type: 'view' }),
    afterNoon(7, -1, { site_id, user_key: '3', type: 'purchase' }),
    // The steps are about different events.
    afterNoon(9, 0, { site_id, user_key: '4', type: 'click', entity_id: 'e2' }),
    afterNoon(9, 5, { site_id, user_key: '4', type: 'view', entity_id: 'e3' }),
    // Starts outside of the days that are asked for.
    afterNoon(12, 0, { site_id, user_key: '5', type: 'click' }),
    // A later part of a view opens nothing.
    afterNoon(9, 0, { site_id, user_key: '6', type: 'click' }),
    afterNoon(9, 1, { site_id, user_key: '6', type: 'view', part: 2 }),
  ]);
  const ask = (entity: string) =>
    read(
      `SELECT step, type, people, drop_off, median_seconds
       FROM turnout.funnel(steps = ['click', 'view_details', 'purchase'], window = 86400, from = '${day(9)}', to = '${day(8)}')
       WHERE site_id = '${site_id}' AND entity_id = '${entity}' ORDER BY step`,
    );

  expect(await ask('e1')).toEqual([
    { step: 1, type: 'click', people: 4, drop_off: 0, median_seconds: null },
    { step: 2, type: 'view', people: 2, drop_off: 0.5, median_seconds: ((725 + 10) / 2) * 60 },
    // Person 1 purchased 24.5 hours after the click.
    { step: 3, type: 'purchase', people: 1, drop_off: 0.5, median_seconds: (1440 - 11) * 60 },
  ]);
  expect(await ask('')).toMatchObject([{ people: 5 }, { people: 3 }, { people: 1 }]);
});

test('an artist and an event of the same id are two things to the funnel', async () => {
  const fan = { site_id: 'numbered', entity_id: '42' };
  await engine.insert([
    afterNoon(9, 0, { ...fan, type: 'click', entity_type: 'artist' }),
    afterNoon(9, 1, { ...fan, type: 'purchase' }),
    afterNoon(9, 0, { ...fan, user_key: '2', type: 'click' }),
    afterNoon(9, 1, { ...fan, user_key: '2', type: 'purchase' }),
  ]);

  const rows = await read(
    `SELECT entity_type, entity_id, groupArray(people) AS reached
     FROM (
       SELECT * FROM turnout.funnel(steps = ['click', 'purchase'], window = 86400, from = '${day(9)}', to = '${day(9)}')
       WHERE site_id = 'numbered' ORDER BY step
     )
     GROUP BY entity_type, entity_id ORDER BY entity_type`,
  );

  expect(rows).toEqual([
    { entity_type: '', entity_id: '', reached: [2, 2] },
    { entity_type: 'artist', entity_id: '42', reached: [1, 0] },
    { entity_type: 'event', entity_id: '42', reached: [1, 1] },
  ]);
});

test('retention counts who came again, by week', async () => {
  const monday = new Date(Date.parse(day(60)));
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  const date = (days: number) => new Date(monday.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  const came = (user_key: string, days: number) =>
    aRow({ site_id: 'weeks', user_key, ts: `${date(days)} 10:00:00.000` });
  await engine.insert([
    ...[0, 1, 6].map((days) => came('1', days)),
    ...[2, 7].map((days) => came('2', days)),
    ...[6, 13, 14].map((days) => came('3', days)),
    ...[8].map((days) => came('4', days)),
    came('5', 40),
  ]);

  const rows = await read(
    `SELECT * EXCEPT (site_id) FROM turnout.retention(from = '${date(0)}', to = '${date(13)}', grain = 'week')
     WHERE site_id = 'weeks' ORDER BY cohort, period`,
  );

  expect(rows).toEqual([
    { cohort: date(0), cohort_people: 3, period: 0, people: 3, rate: 1 },
    { cohort: date(0), cohort_people: 3, period: 1, people: 2, rate: 2 / 3 },
    { cohort: date(0), cohort_people: 3, period: 2, people: 1, rate: 1 / 3 },
    { cohort: date(7), cohort_people: 1, period: 0, people: 1, rate: 1 },
  ]);
});

test('paths tell where sessions go, and a reload is no step', async () => {
  const page = (session_id: string, minute: number, page_path: string) =>
    afterNoon(5, minute, { site_id: 'paths', session_id, type: 'page_view', page_path });
  await engine.insert([
    page('a', 0, '/'),
    page('a', 1, '/'),
    page('a', 2, '/events'),
    afterNoon(5, 3, { site_id: 'paths', session_id: 'a', type: 'view' }),
    page('b', 0, '/'),
  ]);

  const rows = await read(
    `SELECT * EXCEPT (site_id) FROM turnout.paths(from = '${day(5)}', to = '${day(5)}')
     WHERE site_id = 'paths' ORDER BY position, next_step`,
  );

  expect(rows).toEqual([
    { position: 1, step: '/', next_step: '', sessions: 1, rate: 0.5 },
    { position: 1, step: '/', next_step: '/events', sessions: 1, rate: 0.5 },
    { position: 2, step: '/events', next_step: 'view of event', sessions: 1, rate: 1 },
    { position: 3, step: 'view of event', next_step: '', sessions: 1, rate: 1 },
  ]);
});

test('a session over midnight goes its way once, on the day it began', async () => {
  const page = (daysAgo: number, minute: number, page_path: string) =>
    afterNoon(daysAgo, minute, { site_id: 'night', session_id: 'late', type: 'page_view', page_path });
  await engine.insert([page(5, 715, '/'), page(5, 719, '/events'), page(4, -715, '/events/7')]);
  const of = (from: number, to: number) =>
    read(
      `SELECT position, step, next_step FROM turnout.paths(from = '${day(from)}', to = '${day(to)}')
       WHERE site_id = 'night' ORDER BY position`,
    );

  const begun = await of(5, 5);

  expect(begun).toEqual([
    { position: 1, step: '/', next_step: '/events' },
    { position: 2, step: '/events', next_step: '/events/7' },
    { position: 3, step: '/events/7', next_step: '' },
  ]);
  expect(await of(4, 4)).toEqual([]);
  expect(await of(6, 3)).toEqual(begun);
});

test('a purchase is owed to the first and the last campaign and to the last clicks before it', async () => {
  const fan = { site_id: 'utm', user_key: '1' };
  await engine.insert([
    afterNoon(50, 0, { ...fan, session_id: 'old', utm_source: 'too-old' }),
    afterNoon(9, 0, { ...fan, session_id: 'x', utm_source: 'mail', utm_campaign: 'may' }),
    afterNoon(9, 9, { ...fan, session_id: 'x', utm_source: 'mail', utm_campaign: 'may' }),
    afterNoon(8, 0, { ...fan, session_id: 'y', utm_source: 'search', utm_medium: 'cpc' }),
    afterNoon(8, 1, { ...fan, entity_type: 'ad', entity_id: 'ad1' }),
    afterNoon(8, 2, { ...fan, entity_type: 'ad', entity_id: 'ad2' }),
    afterNoon(8, 2, { ...fan, entity_type: 'offer', entity_id: 'o1' }),
    afterNoon(8, 5, { ...fan, type: 'purchase', site_value: '99', order_id: 'o-1' }),
    afterNoon(8, 6, { ...fan, session_id: 'z', utm_source: 'too-late' }),
    afterNoon(8, 7, { ...fan, entity_type: 'ad', entity_id: 'too-late' }),
    afterNoon(8, 0, { ...fan, user_key: '2', type: 'purchase' }),
  ]);

  const rows = await read(
    `SELECT order_id, revenue, first_touch, last_touch, touches, last_ad, last_offer, last_recommendation
     FROM turnout.attribution(from = '${day(8)}', to = '${day(8)}', window = 30) WHERE site_id = 'utm' ORDER BY order_id`,
  );

  const none = { source: '', medium: '', campaign: '' };
  expect(rows).toEqual([
    {
      ...{ order_id: '', revenue: 0, first_touch: none, last_touch: none, touches: 0 },
      ...{ last_ad: '', last_offer: '', last_recommendation: '' },
    },
    {
      ...{
        order_id: 'o-1',
        revenue: 99,
        touches: 2,
        last_ad: 'ad2',
        last_offer: 'o1',
        last_recommendation: '',
      },
      first_touch: { source: 'mail', medium: '', campaign: 'may' },
      last_touch: { source: 'search', medium: 'cpc', campaign: '' },
    },
  ]);
});

test('what a purchase is owed to does not depend on the days that are asked for', async () => {
  const visit = (user_key: string, daysAgo: number, source: string, session_id = '', minutes = 0) =>
    afterNoon(daysAgo, minutes, {
      ...{ site_id: 'back-end', user_key, session_id, type: 'page_view' },
      ...{ utm_source: source, utm_medium: 'm', utm_campaign: 'c' },
    });
  const buys = (user_key: string, daysAgo: number) =>
    afterNoon(daysAgo, 0, {
      ...{ site_id: 'back-end', user_key, session_id: '', type: 'purchase', order_id: `of ${user_key}` },
    });
  await engine.insert([
    // What a back end tells belongs to no session: each is a touch of its own, in its own place.
    ...[visit('1', 45, 'insta'), visit('1', 6, 'insta'), buys('1', 5)],
    ...[visit('2', 14, 'a'), visit('2', 10, 'b'), visit('2', 7, 'a'), buys('2', 5)],
    // Told twice, and on one day.
    ...[visit('3', 6, 'a', '', 0), visit('3', 6, 'b', '', 1), visit('3', 6, 'a', '', 2), buys('3', 5)],
    // One session for months: it began before the window, and counts from where it is within it.
    ...[40, 36, 30, 6].map((daysAgo) => visit('4', daysAgo, 'app', 'for months')),
    ...[visit('4', 20, 'mail', 'short'), buys('4', 5)],
  ]);
  const since = (from: number) =>
    read(
      `SELECT order_id, first_touch.source AS first, last_touch.source AS last, touches
       FROM turnout.attribution(from = '${day(from)}', to = '${day(0)}', window = 30)
       WHERE site_id = 'back-end' ORDER BY order_id`,
    );

  const narrow = await since(5);

  expect(narrow).toEqual([
    { order_id: 'of 1', first: 'insta', last: 'insta', touches: 1 },
    { order_id: 'of 2', first: 'a', last: 'a', touches: 3 },
    { order_id: 'of 3', first: 'a', last: 'a', touches: 3 },
    { order_id: 'of 4', first: 'app', last: 'mail', touches: 2 },
  ]);
  for (const from of [6, 12, 35, 90]) expect(await since(from), `since ${from} days`).toEqual(narrow);
});

test('days before 1970 and after 2149 do not exist, and asking for all there are finds the same', async () => {
  const fan = { site_id: 'ever', user_key: '1' };
  await engine.insert([
    afterNoon(9, 0, { ...fan, session_id: 'x', type: 'page_view', utm_source: 'mail' }),
    afterNoon(9, 1, { ...fan, entity_type: 'ad', entity_id: 'ad1' }),
    afterNoon(9, 2, { ...fan, type: 'click' }),
    afterNoon(9, 3, { ...fan, type: 'ticket_click' }),
    afterNoon(8, 0, { ...fan, type: 'purchase', site_value: '99', order_id: 'o-1' }),
  ]);
  const asked = async (from: string, to: string, days: number) => {
    const between = `from = '${from}', to = '${to}'`;
    const of = `WHERE site_id = 'ever'`;
    return [
      await read(
        `SELECT first_touch.source AS source, last_ad FROM turnout.attribution(${between}, window = ${days}) ${of}`,
      ),
      await read(
        `SELECT ticket_clicks, matched_orders, unmatched_orders FROM turnout.ticket_link_daily(${between}, window = ${days}) ${of}`,
      ),
      await read(
        `SELECT people FROM turnout.funnel(steps = ['ticket_click', 'purchase'], window = ${days * 86_400}, ${between})
         ${of} AND entity_id = 'e1' ORDER BY step`,
      ),
    ];
  };

  const month = await asked(day(30), day(0), 30);

  expect(month).toEqual([
    [{ source: 'mail', last_ad: 'ad1' }],
    [{ ticket_clicks: 1, matched_orders: 1, unmatched_orders: 0 }],
    [{ people: 1 }, { people: 1 }],
  ]);
  expect(await asked('1970-01-01', day(0), 30)).toEqual(month);
  expect(await asked('1970-01-02', '2149-06-06', 30)).toEqual(month);
  expect(await asked(day(30), day(0), 49_000)).toEqual(month);
  expect(await asked(day(0), day(30), 30)).toEqual([[], [], []]);
});
