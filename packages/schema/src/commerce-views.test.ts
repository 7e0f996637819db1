import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import type { InteractionRow } from './table.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

const date = at(5).slice(0, 10);
const nextDate = at(4).slice(0, 10);

/** Rows about one thing, a minute apart from noon on. */
const about = (thing: Partial<InteractionRow>, rows: Partial<InteractionRow>[], day = date) =>
  rows.map((row, minute) =>
    aRow({ ts: `${day} 12:${String(minute).padStart(2, '0')}:00.000`, ...thing, ...row }),
  );

const read = (view: string, where = '1') =>
  engine.query<Record<string, unknown>>(
    `SELECT * FROM turnout.${view} WHERE ${where} ORDER BY date SETTINGS output_format_json_quote_64bit_integers = 0`,
  );

test('an ad counts rendered, viewable and clicked, and costs what the catalogue says', async () => {
  const ad = { entity_type: 'ad', entity_id: 'ad1' } as const;
  await engine.insert([
    ...about(ad, [
      ...Array.from({ length: 8 }, (_, person) => ({ type: 'served', user_key: String(person) }) as const),
      { type: 'impression', user_key: '1' },
      { type: 'impression', user_key: '2' },
      { type: 'impression', user_key: '2' },
      { type: 'impression', user_key: '3' },
      { type: 'click', user_key: '3' },
      { type: 'view', part: 1, duration_ms: 2_500, user_key: '3' },
      { type: 'dismiss', user_key: '2' },
      // Two begin to play it, one sees all of it.
      { type: 'media_play', part: 0 },
      { type: 'media_play', part: 0, user_key: '2' },
      ...[1, 2, 3, 4].map((part) => ({ type: 'media_play', part, duration_ms: 5_000 }) as const),
    ]),
    ...about(
      ad,
      [{ type: 'impression' }, { type: 'impression' }, { type: 'click' }, { type: 'click' }],
      nextDate,
    ),
    ...about({ ...ad, entity_id: 'ad2' }, [{ type: 'impression' }]),
  ]);
  await engine.command(
    `INSERT INTO turnout.entities (site_id, entity_type, entity_id, version, name, cost, cost_per, starts_on, ends_on)
     VALUES ('demo', 'ad', 'ad1', 1, 'Old name', 1, 'click', NULL, NULL),
       ('demo', 'ad', 'ad1', 2, 'Summer', 30, '', '${date}', '${at(3).slice(0, 10)}')`,
  );

  expect(await read('ad_daily', `ad_id = 'ad1'`)).toEqual([
    {
      site_id: 'demo',
      date,
      ad_id: 'ad1',
      impressions: 8,
      viewable_impressions: 4,
      clicks: 1,
      ctr: 1 / 8,
      viewable_ctr: 1 / 4,
      viewability: 1 / 2,
      unique_users: 8,
      unique_reach: 3,
      unique_clickers_and_viewers: 1,
      view_seconds: 2.5,
      dismissals: 1,
      purchases: 0,
      revenue: 0,
      cost: 10,
      cpm: 1250,
      cpc: 10,
      ad_name: 'Summer',
      video_starts: 2,
      video_25: 1,
      video_50: 1,
      video_75: 1,
      video_completions: 1,
      video_completion_rate: 1 / 2,
      video_seconds: 20,
    },
    expect.objectContaining({ date: nextDate, impressions: 2, viewable_impressions: 2, ctr: 1, cpc: 5 }),
  ]);
  expect(await read('ad_daily', `ad_id = 'ad2'`)).toMatchObject([
    { impressions: 1, cost: null, cpm: null, cpc: null, ad_name: '' },
  ]);
});

test('an ad that is paid by the day costs nothing before its first and after its last day', async () => {
  const days = [5, 4, 3, 2].map((daysAgo) => at(daysAgo).slice(0, 10));
  const ads = ['by-day', 'since', 'ever'];
  await engine.insert(
    ads.flatMap((entity_id) => days.flatMap((day) => about({ entity_type: 'ad', entity_id }, [{}], day))),
  );
  await engine.command(
    `INSERT INTO turnout.entities (site_id, entity_type, entity_id, version, cost, cost_per, starts_on, ends_on)
     VALUES ('demo', 'ad', 'by-day', 1, 30, 'day', '${days[1]}', '${days[2]}'), ('demo', 'ad', 'since', 1, 30, 'day', '${days[1]}', NULL),
       ('demo', 'ad', 'ever', 1, 30, 'day', NULL, NULL)`,
  );

  const costs = Object.fromEntries(
    await Promise.all(
      ads.map(async (ad) => [ad, (await read('ad_daily', `ad_id = '${ad}'`)).map(({ cost }) => cost)]),
    ),
  );

  expect(costs).toEqual({ 'by-day': [0, 30, 30, 0], since: [0, 30, 30, 30], ever: [30, 30, 30, 30] });
});

test('an offer counts from seen to sold', async () => {
  await engine.insert(
    about({ entity_type: 'offer', entity_id: 'o1' }, [
      { type: 'impression' },
      { type: 'view' },
      { type: 'view', user_key: '2' },
      { type: 'view', user_key: '3' },
      { type: 'view', user_key: '3' },
      { type: 'click' },
      { type: 'cart_add' },
      { type: 'purchase', site_value: '20', quantity: 2 },
      { type: 'purchase', site_value: '10.5', user_key: '2' },
      { type: 'refund', site_value: '5' },
    ]),
  );

  expect(await read('offer_daily')).toEqual([
    {
      site_id: 'demo',
      date,
      offer_id: 'o1',
      impressions: 1,
      views: 4,
      unique_viewers: 3,
      clicks: 1,
      cart_adds: 1,
      purchases: 2,
      unique_buyers: 2,
      items_sold: 3,
      refunds: 1,
      revenue: 25.5,
      gross_revenue: 30.5,
      conversion_rate: 0.5,
      orders: 2,
      average_order: 15.25,
      dismissals: 0,
      offer_name: '',
    },
  ]);
});

test('what an order of an offer is worth leaves purchases in other currencies out, and takes its lines together', async () => {
  await engine.insert([
    ...about({ entity_type: 'offer', entity_id: 'o2', type: 'purchase' }, [
      { site_value: '100', value: '100', currency: 'USD', order_id: 'a' },
      { site_value: '20', value: '20', currency: 'USD', order_id: 'a' },
      { site_value: '30', value: '30', currency: 'USD', order_id: 'b', user_key: '2' },
      { value: '500', currency: 'EUR', order_id: 'c', user_key: '3' },
      { site_value: '7', env: 'staging', order_id: 'd' },
      { site_value: '7', is_bot: 1, order_id: 'e' },
      { type: 'refund', site_value: '100', order_id: 'a' },
    ]),
    ...about({ entity_type: 'offer', entity_id: 'o3', type: 'purchase' }, [
      { value: '500', currency: 'EUR', order_id: 'c', user_key: '3' },
    ]),
  ]);

  expect(await read('offer_daily', `offer_id = 'o2'`)).toMatchObject([
    { orders: 2, purchases: 4, unique_buyers: 3, gross_revenue: 150, revenue: 50, average_order: 75 },
  ]);
  expect(await read('offer_daily', `offer_id = 'o3'`)).toMatchObject([
    { orders: 0, purchases: 1, gross_revenue: 0, average_order: 0 },
  ]);
});

test('a recommendation counts from shown to converted', async () => {
  await engine.insert(
    about({ entity_type: 'recommendation', entity_id: 'r1' }, [
      { type: 'impression' },
      { type: 'impression', user_key: '2' },
      { type: 'click' },
      { type: 'dismiss', user_key: '2' },
      { type: 'purchase', site_value: '40' },
    ]),
  );

  expect(await read('recommendation_daily')).toEqual([
    {
      site_id: 'demo',
      date,
      recommendation_id: 'r1',
      shown: 2,
      unique_reach: 2,
      clicked: 1,
      converted: 1,
      dismissed: 1,
      revenue: 40,
      gross_revenue: 40,
      click_through_rate: 0.5,
      conversion_rate: 0.5,
      dismissal_rate: 0.5,
      revenue_per_shown: 20,
    },
  ]);
});

test('a wait that ends the next day counts there, whichever row is stored first', async () => {
  const list = { entity_type: 'event', entity_id: 'w1' } as const;
  const [early, late] = [`${date} 22:00:00.000`, `${nextDate} 00:30:00.000`];
  await engine.insert([aRow({ ...list, type: 'waitlist_offer', user_key: '1', ts: late })]);
  await engine.insert([
    aRow({ ...list, type: 'waitlist_join', user_key: '1', ts: early }),
    aRow({ ...list, type: 'waitlist_join', user_key: '2', ts: early }),
    aRow({ ...list, type: 'waitlist_join', user_key: '3', ts: early }),
    aRow({ ...list, type: 'waitlist_offer', user_key: '2', ts: `${nextDate} 01:00:00.000` }),
    aRow({ ...list, type: 'waitlist_accept', user_key: '1', ts: `${nextDate} 02:00:00.000` }),
    aRow({ ...list, type: 'waitlist_expire', user_key: '2', ts: `${nextDate} 03:00:00.000` }),
    aRow({ ...list, type: 'waitlist_leave', user_key: '3', ts: `${nextDate} 03:00:00.000` }),
    // An offer out of the blue ends no wait.
    aRow({ ...list, type: 'waitlist_offer', user_key: '4', ts: `${nextDate} 04:00:00.000` }),
    aRow({ ...list, type: 'waitlist_decline', user_key: '4', ts: `${nextDate} 04:00:00.000` }),
  ]);
  const none = { joins: 0, offers: 0, accepted: 0, declined: 0, expired: 0, leaves: 0 };

  expect(await read('waitlist_daily')).toEqual([
    {
      ...{ site_id: 'demo', date, entity_type: 'event', entity_id: 'w1', entity_name: '', ...none },
      ...{ joins: 3, people: 3, acceptance_rate: 0, waits_ended: 0, average_wait_minutes: null },
    },
    {
      ...{ site_id: 'demo', date: nextDate, entity_type: 'event', entity_id: 'w1', entity_name: '' },
      ...{ joins: 0, offers: 3, accepted: 1, declined: 1, expired: 1, leaves: 1, people: 4 },
      ...{ acceptance_rate: 1 / 3, waits_ended: 2, average_wait_minutes: 165 },
    },
  ]);
});

test('a search knows its results and the ranks of what was chosen, in any order of arrival', async () => {
  const search = { entity_type: '', entity_id: '', type: 'search' } as const;
  await engine.insert(about({ type: 'click', search_id: 's1' }, [{ position: 2 }, { position: 0 }, {}]));
  await engine.insert(
    about(search, [
      { search_id: 's1', query: ' Jazz ', props: { result_count: 10 } },
      { search_id: 's2', query: 'jazz', props: { result_count: 0 }, user_key: '2' },
      { query: 'JAZZ', user_key: '2' },
      { query: 'polka', props: { result_count: 'many' } },
    ]),
  );

  expect(await read('search_daily', `query = 'jazz'`)).toEqual([
    {
      site_id: 'demo',
      date,
      query: 'jazz',
      searches: 3,
      people: 2,
      results: 5,
      zero_results: 1,
      zero_result_rate: 0.5,
      clicks: 3,
      searches_with_click: 1,
      click_rate: 1 / 3,
      average_click_rank: 2,
      abandoned: 2,
    },
  ]);
  expect(await read('search_daily', `query = 'polka'`)).toMatchObject([
    { searches: 1, results: null, zero_results: 0, zero_result_rate: 0, average_click_rank: null },
  ]);
});

test('who searched and signed in before choosing is one person who searched', async () => {
  const search = {
    site_id: 'sign-in',
    type: 'search',
    entity_type: '',
    entity_id: '',
    query: 'jazz',
  } as const;
  await engine.insert([
    ...about({ ...search, user_key: '50' }, [{ search_id: 's1' }, { search_id: 's2' }]),
    // Signed in, with a smaller key.
    ...about({ site_id: 'sign-in', user_key: '10' }, [{ search_id: 's2' }]),
  ]);

  expect(await read('search_daily', `site_id = 'sign-in'`)).toMatchObject([
    { searches: 2, people: 1, searches_with_click: 1, abandoned: 1 },
  ]);
});
