import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, day, type Engine, openMigrated } from './engine.test-helper.ts';
import type { InteractionRow } from './table.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

const read = (sql: string) =>
  engine.query<Record<string, unknown>>(`${sql} SETTINGS output_format_json_quote_64bit_integers = 0`);

test('a segment says what a person likes, spends, and how they go out', async () => {
  // A Saturday, and a Tuesday.
  const [weekend, weekday] = ['2026-10-10', '2026-10-13'];
  const ts = '2026-10-06 12:00:00.000';
  const fan = { site_id: 'tastes', ts, received_at: ts };
  await engine.insert([
    aRow({ ...fan, genre: 'jazz', artist_id: 'a1', venue_id: 'v1', price_min: '40', event_date: weekend }),
    aRow({ ...fan, type: 'interest', genre: 'jazz', event_date: weekend }),
    aRow({ ...fan, type: 'interest', genre: 'metal' }),
    aRow({ ...fan, type: 'interest', genre: 'metal', undo: 1 }),
    aRow({ ...fan, type: 'click', genre: 'rock', price_min: '200', event_date: weekday }),
    aRow({ ...fan, type: 'purchase', site_value: '149.99', quantity: 2, event_date: weekend }),
    aRow({ ...fan, type: 'purchase', site_value: '500', quantity: 1, event_date: weekend }),
    aRow({ ...fan, type: 'purchase', site_value: '149.99', quantity: 3, event_date: weekend }),
    aRow({ ...fan, type: 'impression', genre: 'pop' }),
    aRow({ ...fan, user_key: '2', genre: 'pop' }),
  ]);

  const [segment] = await read(
    `SELECT * FROM turnout.user_segments WHERE site_id = 'tastes' AND user_key = 1`,
  );

  expect(segment).toMatchObject({
    spending_tier: 'moderate',
    transactions: [
      { tier: 'moderate', purchases: 2 },
      { tier: 'luxury', purchases: 1 },
    ],
    genres: [
      { value: 'jazz', affinity: expect.closeTo(5 / 6, 9) },
      { value: 'rock', affinity: expect.closeTo(1 / 6, 9) },
    ],
    venues: [{ value: 'v1', affinity: 1 }],
    week: 'weekend',
    planning: 'last_minute',
    party: 'group',
  });
});

test('older tastes count for less', async () => {
  await engine.insert([
    aRow({ site_id: 'old', ts: at(1), received_at: at(1), genre: 'new' }),
    aRow({ site_id: 'old', ts: at(91), received_at: at(91), genre: 'old' }),
  ]);

  const [segment] = await read(`SELECT genres FROM turnout.user_segments WHERE site_id = 'old'`);

  expect(segment?.genres).toEqual([
    { value: 'new', affinity: expect.closeTo(2 / 3, 9) },
    { value: 'old', affinity: expect.closeTo(1 / 3, 9) },
  ]);
});

test('churn risk is made of its parts and gives its reasons', async () => {
  const site_id = 'churn';
  await engine.insert([
    // Person 1 came often, then hardly.
    ...[40, 41, 42, 43].map((days) =>
      aRow({ site_id, user_key: '1', session_id: `one-${days}`, ts: at(days) }),
    ),
    aRow({ site_id, user_key: '1', session_id: 'one-now', ts: at(2) }),
    // Person 2 comes more and purchased lately; one search of two led nowhere.
    aRow({ site_id, user_key: '2', session_id: 'two-before', ts: at(45) }),
    aRow({ site_id, user_key: '2', session_id: 'two-1', ts: at(3), type: 'search', search_id: 'q1' }),
    aRow({ site_id, user_key: '2', session_id: 'two-2', ts: at(2), type: 'search', search_id: 'q2' }),
    aRow({ site_id, user_key: '2', session_id: 'two-2', ts: at(2), search_id: 'q2' }),
    aRow({ site_id, user_key: '2', session_id: 'two-2', ts: at(1), type: 'purchase' }),
  ]);

  const [one, two] = await read(
    `SELECT * FROM turnout.churn_risk WHERE site_id = '${site_id}' ORDER BY user_key`,
  );

  expect(one).toMatchObject({
    ...{ falling_engagement: 0.75, fewer_sessions: 0.75, no_recent_purchase: 1, abandoned_searches: 0 },
    reasons: ['no_recent_purchase', 'fewer_sessions', 'falling_engagement'],
    ...{ interactions_30: 1, interactions_previous_30: 4, sessions_30: 1, last_purchase: null },
  });
  expect(one?.churn_risk).toBeCloseTo(0.4 * 0.75 + 0.2 * 0.75 + 0.25, 9);
  expect(two).toMatchObject({
    ...{ falling_engagement: 0, fewer_sessions: 0, abandoned_searches: 0.5, searches_30: 2 },
    reasons: ['abandoned_searches'],
    last_purchase: at(1).slice(0, 10),
  });
});

test('a site knows its people of the day, the week and the month, and what they bring', async () => {
  const came = (daysAgo: number, user_key: string, row = {}) =>
    aRow({
      ...{ site_id: 'kpi', user_key, session_id: `${user_key}-${daysAgo}` },
      ts: `${at(daysAgo).slice(0, 10)} 12:00:00.000`,
      ...row,
    });
  await engine.insert([
    came(30, '1', { type: 'page_view' }),
    came(30, '2', { type: 'purchase', site_value: '60', order_id: 'a' }),
    came(30, '2', { type: 'purchase', site_value: '20', order_id: 'a' }),
    came(26, '1', { type: 'page_view' }),
    came(26, '3', { type: 'page_view' }),
    came(26, '3', { type: 'page_view', ts: `${at(26).slice(0, 10)} 12:10:00.000` }),
    came(1, '3', { type: 'purchase', site_value: '40' }),
    came(1, '3', { type: 'refund', site_value: '10' }),
    came(1, '3', { type: 'purchase', value: '500', currency: 'EUR' }),
  ]);

  const days = await read(`SELECT * FROM turnout.site_daily WHERE site_id = 'kpi' ORDER BY date`);

  expect(days).toMatchObject([
    {
      ...{ active_people: 2, active_people_7: 2, active_people_30: 2, new_people: 2, return_rate: 0 },
      ...{
        orders: 1,
        purchases: 2,
        revenue: 80,
        average_order: 80,
        revenue_per_user: 40,
        lifetime_value: 40,
      },
    },
    {
      ...{ active_people: 2, active_people_7: 3, active_people_30: 3, new_people: 1, return_rate: 0.5 },
      ...{ sessions: 2, avg_session_seconds: 300, pages_per_session: 1.5, orders: 0, average_order: 0 },
    },
    {
      ...{ active_people: 1, active_people_7: 1, active_people_30: 3, new_people: 0, return_rate: 1 },
      ...{ orders: 1, purchases: 2, refunds: 1, revenue: 30, gross_revenue: 40, average_order: 40 },
      ...{ people_so_far: 3, revenue_so_far: 110 },
    },
  ]);
});

test('a session that came in pieces is one, and is its first visitor’s', async () => {
  const visit = { site_id: 'pieces', session_id: 's1' };
  await engine.command('SYSTEM STOP MERGES turnout.sessions');
  await engine.insert([aRow({ ...visit, user_key: '2', ts: at(3), received_at: at(3) })]);
  await engine.insert([aRow({ ...visit, user_key: '1', ts: at(4), received_at: at(3) })]);
  await engine.insert([aRow({ ...visit, user_key: '2', ts: at(2), received_at: at(2) })]);

  const of = (table: string, columns: string) =>
    read(`SELECT ${columns} FROM turnout.${table} WHERE site_id = 'pieces' ORDER BY ALL`);
  expect(
    await of('user_daily', 'toUInt32(user_key) AS person, date, sessions_count, total_time_seconds'),
  ).toEqual([
    { person: 1, date: day(4), sessions_count: 1, total_time_seconds: 2 * 86_400 },
    { person: 2, date: day(3), sessions_count: 0, total_time_seconds: 0 },
    { person: 2, date: day(2), sessions_count: 0, total_time_seconds: 0 },
  ]);
  expect(await of('churn_risk', 'toUInt32(user_key) AS person, sessions_30')).toEqual([
    { person: 1, sessions_30: 1 },
    { person: 2, sessions_30: 0 },
  ]);
  expect(await of('site_daily', 'date, sessions')).toEqual([
    { date: day(4), sessions: 1 },
    { date: day(3), sessions: 0 },
    { date: day(2), sessions: 0 },
  ]);
  await engine.command('SYSTEM START MERGES turnout.sessions');
});

test('a site counts its people exactly, however many they are', async () => {
  await engine.command(
    `INSERT INTO turnout.user_state (site_id, user_key, first_seen, last_seen, active_days)
     SELECT 'crowd', cityHash64(number), now64(3), now64(3), groupBitmapState(toUInt32(toDate('${day(1)}')))
     FROM numbers(200000) GROUP BY number`,
  );
  await engine.command(
    `INSERT INTO turnout.site_day (site_id, date, entity_type, interactions) VALUES ('crowd', '${day(1)}', '', 200000)`,
  );

  expect(
    await read(
      `SELECT active_people, active_people_7, new_people, returning_people FROM turnout.site_daily WHERE site_id = 'crowd'`,
    ),
  ).toEqual([{ active_people: 200_000, active_people_7: 200_000, new_people: 200_000, returning_people: 0 }]);
});

test('who is paid back has not come: no active people, none again, and the money is taken off all the same', async () => {
  const site_id = 'cancelled';
  const fans = ['1', '2', '3'];
  const done = (user_key: string, daysAgo: number, row: Partial<InteractionRow>) =>
    aRow({ site_id, user_key, ts: `${day(daysAgo)} 12:00:00.000`, received_at: at(0), ...row });
  await engine.insert([
    ...fans.map((fan) => done(fan, 40, { type: 'purchase', site_value: '10' })),
    ...fans.map((fan) => done(fan, 5, { type: 'refund', site_value: '10', session_id: '' })),
    // Nor who is offered a place, or loses it.
    ...fans.map((fan) => done(fan, 4, { type: 'waitlist_offer', session_id: '' })),
    ...fans.map((fan) => done(fan, 3, { type: 'waitlist_expire', session_id: '' })),
    done('1', 2, {}),
  ]);

  const days = await read(
    `SELECT date, active_people, active_people_7, active_people_30, returning_people, return_rate, revenue, revenue_per_user, people_so_far
     FROM turnout.site_daily WHERE site_id = '${site_id}' ORDER BY date`,
  );
  const again = await read(
    `SELECT sum(people) AS people FROM turnout.retention(from = '${day(41)}', to = '${day(0)}', grain = 'day')
     WHERE site_id = '${site_id}' AND period > 0`,
  );
  const gone = await read(
    `SELECT falling_engagement, interactions_30, interactions_previous_30, last_active FROM turnout.churn_risk
     WHERE site_id = '${site_id}' AND user_key = 2`,
  );

  const nobody = {
    active_people: 0,
    active_people_7: 0,
    active_people_30: 0,
    returning_people: 0,
    return_rate: 0,
  };
  expect(days).toEqual([
    {
      ...{ date: day(40), active_people: 3, active_people_7: 3, active_people_30: 3, returning_people: 0 },
      ...{ return_rate: 0, revenue: 30, revenue_per_user: 10, people_so_far: 3 },
    },
    { date: day(5), ...nobody, revenue: -30, revenue_per_user: 0, people_so_far: 3 },
    { date: day(4), ...nobody, revenue: 0, revenue_per_user: 0, people_so_far: 3 },
    { date: day(3), ...nobody, revenue: 0, revenue_per_user: 0, people_so_far: 3 },
    {
      ...{ date: day(2), active_people: 1, active_people_7: 1, active_people_30: 1, returning_people: 1 },
      ...{ return_rate: 1, revenue: 0, revenue_per_user: 0, people_so_far: 3 },
    },
  ]);
  expect(again).toEqual([{ people: 1 }]);
  // Two of the waiting list are left in: the day of a person does not tell them apart.
  expect(gone).toEqual([
    { falling_engagement: 0, interactions_30: 2, interactions_previous_30: 1, last_active: day(3) },
  ]);
});
