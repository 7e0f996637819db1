import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import type { EntityRow, InteractionRow } from './table.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

/** The date that lies so many days back. */
const day = (daysAgo: number) => at(daysAgo).slice(0, 10);

/** Rows of one day, a minute apart, about event e1 of artist a1 at venue v1. */
function aDay(date: string, rows: Partial<InteractionRow>[]): InteractionRow[] {
  return rows.map((row, minute) => {
    const ts = `${date} 12:${String(minute).padStart(2, '0')}:00.000`;
    return aRow({ ts, artist_id: 'a1', venue_id: 'v1', ...row });
  });
}

/** Puts things into the catalogue of the site `demo`. */
async function know(entities: Omit<EntityRow, 'site_id' | 'version'>[]): Promise<void> {
  const rows = entities.map((entity) => JSON.stringify({ site_id: 'demo', version: '1', ...entity }));
  await engine.command(`INSERT INTO turnout.entities FORMAT JSONEachRow ${rows.join('\n')}`);
}

const read = <Row>(view: string, where: string) =>
  engine.query<Row>(
    `SELECT * FROM turnout.${view} WHERE ${where} SETTINGS output_format_json_quote_64bit_integers = 0`,
  );

test('a small history counts exactly in every daily view', async () => {
  const date = day(10);
  await know([
    {
      entity_type: 'event',
      entity_id: 'e1',
      name: 'Night Tide',
      genre: 'indie',
      city: 'Austin',
      ...{ starts_on: date, artist_id: 'a1', venue_id: 'v1' },
    },
    { entity_type: 'event', entity_id: 'e2', starts_on: day(20), artist_id: 'a1', venue_id: 'v1' },
    { entity_type: 'artist', entity_id: 'a1', name: 'The Tides', genre: 'indie' },
    { entity_type: 'venue', entity_id: 'v1', name: 'Paradiso', city: 'Austin', capacity: 300 },
  ]);
  const person = { city: 'Austin', country: 'US', age_band: '25-34', gender: 'f' };
  await engine.insert([
    ...aDay(date, [
      { type: 'impression', ...person },
      { type: 'impression', user_key: '2', session_id: 's2' },
      { type: 'impression', user_key: '3', session_id: 's3' },
      { type: 'click', ...person },
      { type: 'view', part: 0, view_id: 'w', ...person },
      { type: 'view', part: 1, view_id: 'w', duration_ms: 4_000, ...person },
      { type: 'view', part: 2, view_id: 'w', duration_ms: 2_500, ...person },
      { type: 'view', part: 0, user_key: '2', session_id: 's2', country: 'DE' },
      { type: 'interest' },
      { type: 'interest', undo: 1 },
      { type: 'interest', user_key: '2', session_id: 's2' },
      { type: 'like' },
      { type: 'like', undo: 1 },
      { type: 'like' },
      { type: 'save' },
      { type: 'comment' },
      { type: 'share' },
      { type: 'review', rating: '4' },
      { type: 'review', rating: '5', user_key: '2', session_id: 's2' },
      { type: 'review', user_key: '3', session_id: 's3' },
      { type: 'ticket_click' },
      { type: 'ticket_click', user_key: '2', session_id: 's2' },
      { type: 'purchase', value: '100.5', site_value: '100.5', currency: 'USD', quantity: 2 },
      { type: 'purchase', value: '70', currency: 'EUR', user_key: '2', session_id: 's2' },
      { type: 'refund', value: '50.25', site_value: '50.25', currency: 'USD', quantity: 1 },
      { type: 'attendance', user_key: '2', session_id: '' },
      { type: 'attendance', user_key: '2', session_id: '' },
      { type: 'attendance', user_key: '3', session_id: '' },
      { type: 'view', entity_type: 'artist', entity_id: 'a1' },
      { type: 'follow', entity_type: 'artist', entity_id: 'a1' },
      { type: 'follow', entity_type: 'artist', entity_id: 'a1', user_key: '2', session_id: 's2' },
      { type: 'review', entity_type: 'artist', entity_id: 'a1', rating: '3' },
      { type: 'view', entity_type: 'venue', entity_id: 'v1' },
      { type: 'follow', entity_type: 'venue', entity_id: 'v1' },
      { type: 'like', entity_type: 'review', entity_id: 'r1', user_key: '2', session_id: 's2' },
      { type: 'comment', entity_type: 'review', entity_id: 'r1' },
      { type: 'search', entity_type: '', entity_id: '' },
      { type: 'message', entity_type: 'user', entity_id: 'u9' },
      { type: 'friend_add', entity_type: 'user', entity_id: 'u9' },
      // None of these counts here.
      { type: 'click', is_bot: 1 },
      { type: 'click', env: 'test' },
      { type: 'click', site_id: 'other' },
      // It comes late in the block, but it belongs to the day on which it happened.
      { type: 'click', ts: `${day(12)} 23:30:00.000`, local_date: day(12) },
    ]),
  ]);

  expect(await read('event_daily', `site_id = 'demo' AND date = '${date}' AND event_id = 'e1'`)).toEqual([
    {
      site_id: 'demo',
      date,
      event_id: 'e1',
      impressions: 3,
      unique_viewers: 2,
      unique_reach: 3,
      clicks: 1,
      click_through_rate: 1 / 3,
      views: 2,
      view_seconds: 6.5,
      interested_count: 1,
      saves_count: 1,
      review_count: 3,
      avg_rating: 4.5,
      likes_count: 1,
      comments_count: 1,
      shares_count: 1,
      ticket_link_clicks: 2,
      purchases: 2,
      ticket_conversion_rate: 1,
      tickets_sold: 3,
      refunds: 1,
      revenue: 50.25,
      gross_revenue: 100.5,
      // So few people are not shown.
      viewer_demographics: [],
      viewer_locations: [],
      event_name: 'Night Tide',
      genre: 'indie',
      city: 'Austin',
      starts_on: date,
      artist_id: 'a1',
      venue_id: 'v1',
      unique_buyers: 2,
      attendance: 2,
      cart_adds: 0,
    },
  ]);
  expect(await read('artist_daily', `site_id = 'demo' AND date = '${date}'`)).toEqual([
    {
      site_id: 'demo',
      date,
      artist_id: 'a1',
      profile_views: 1,
      new_followers: 2,
      total_followers: 2,
      active_events: 1,
      event_impressions: 3,
      event_clicks: 1,
      reviews_received: 4,
      avg_rating: 4,
      total_engagement: 3,
      artist_name: 'The Tides',
      genre: 'indie',
      scheduled_events: 1,
      event_views: 2,
      event_viewers: 2,
      ticket_link_clicks: 2,
      tickets_sold: 3,
      revenue: 50.25,
    },
  ]);
  expect(await read('venue_daily', `site_id = 'demo' AND date = '${date}'`)).toEqual([
    {
      site_id: 'demo',
      date,
      venue_id: 'v1',
      profile_views: 1,
      new_followers: 1,
      total_followers: 1,
      events_hosted: 1,
      event_impressions: 3,
      event_attendance: 2,
      reviews_received: 3,
      avg_venue_rating: 4.5,
      venue_name: 'Paradiso',
      city: 'Austin',
      capacity: 300,
      scheduled_events: 1,
      active_events: 1,
      event_clicks: 1,
      total_engagement: 3,
      event_views: 2,
      event_viewers: 2,
      ticket_link_clicks: 2,
      tickets_sold: 3,
      revenue: 50.25,
    },
  ]);
  expect(await read('user_daily', `site_id = 'demo' AND date = '${date}' AND user_key = 1`)).toEqual([
    {
      site_id: 'demo',
      date,
      user_key: 1,
      events_viewed: 1,
      events_clicked: 1,
      events_interested: 0,
      ticket_links_clicked: 1,
      reviews_written: 2,
      reviews_liked: 0,
      reviews_commented: 1,
      friends_added: 1,
      messages_sent: 1,
      shares_sent: 1,
      searches_performed: 1,
      // Its session began with the late click, two days before.
      sessions_count: 0,
      total_time_seconds: 0,
      avg_session_duration_seconds: 0,
      purchases: 1,
      refunds: 1,
      revenue: 50.25,
      gross_revenue: 100.5,
    },
  ]);
  expect(await read('event_daily', `date = '${day(12)}'`)).toMatchObject([{ site_id: 'demo', clicks: 1 }]);
  expect(await read('event_daily', `site_id = 'other'`)).toMatchObject([{ date, clicks: 1, impressions: 0 }]);
});

test('days are those of the site, whatever the time in UTC', async () => {
  const ts = `${day(8)} 03:30:00.000`;
  await engine.insert([
    aRow({ site_id: 'austin', ts, local_date: day(9) }),
    aRow({ site_id: 'berlin', ts, local_date: day(8) }),
  ]);

  const days = await engine.query(
    `SELECT site_id, date, clicks FROM turnout.event_daily WHERE site_id IN ('austin', 'berlin') ORDER BY site_id`,
  );

  expect(days).toEqual([
    { site_id: 'austin', date: day(9), clicks: '1' },
    { site_id: 'berlin', date: day(8), clicks: '1' },
  ]);
});

test('followers add up over days and fall when taken back', async () => {
  const follow = { site_id: 'fans', type: 'follow', entity_type: 'artist', entity_id: 'a' } as const;
  await engine.insert([
    aRow({ ...follow, ts: `${day(50)} 10:00:00.000` }),
    aRow({ ...follow, ts: `${day(50)} 11:00:00.000`, user_key: '2' }),
    aRow({ ...follow, ts: `${day(17)} 10:00:00.000`, user_key: '3' }),
    aRow({ ...follow, ts: `${day(16)} 10:00:00.000`, undo: 1 }),
  ]);

  const days = await engine.query<{ date: string; new_followers: string; total_followers: string }>(
    `SELECT date, new_followers, total_followers FROM turnout.artist_daily WHERE site_id = 'fans' AND date > '${day(36)}' ORDER BY date`,
  );

  expect(days).toEqual([
    { date: day(17), new_followers: '1', total_followers: '3' },
    { date: day(16), new_followers: '-1', total_followers: '2' },
  ]);
});

test('a session over midnight and over two blocks counts once, on the day and for the person it began with', async () => {
  const session = { site_id: 'night', session_id: 'long', type: 'page_view' } as const;
  await engine.insert([aRow({ ...session, ts: `${day(14)} 00:05:00.000`, user_key: '8' })]);
  await engine.insert([aRow({ ...session, ts: `${day(15)} 23:50:00.000`, user_key: '7' })]);

  const days = await engine.query(
    `SELECT date, user_key, sessions_count, total_time_seconds, avg_session_duration_seconds
     FROM turnout.user_daily WHERE site_id = 'night' ORDER BY date`,
  );

  expect(days).toEqual([
    {
      date: day(15),
      user_key: '7',
      sessions_count: '1',
      total_time_seconds: 900,
      avg_session_duration_seconds: 900,
    },
    {
      date: day(14),
      user_key: '8',
      sessions_count: '0',
      total_time_seconds: 0,
      avg_session_duration_seconds: 0,
    },
  ]);
});

test('a day that only sessions know keeps its row', async () => {
  await engine.insert([aRow({ site_id: 'half', session_id: 'h', ts: `${day(13)} 10:00:00.000` })]);
  await engine.command(
    `ALTER TABLE turnout.user_day DELETE WHERE site_id = 'half' SETTINGS mutations_sync = 2`,
  );

  const days = await engine.query(
    `SELECT user_key, sessions_count, events_clicked FROM turnout.user_daily WHERE site_id = 'half'`,
  );

  expect(days).toEqual([{ user_key: '1', sessions_count: '1', events_clicked: '0' }]);
});

test('the identical block with the same token changes nothing, in raw and in every rollup', async () => {
  const token = '11111111-2222-4333-8444-555555555555';
  const rows = [
    aRow({ site_id: 'again', type: 'purchase', site_value: '10' }),
    aRow({ site_id: 'again', type: 'view', city: 'Austin' }),
  ];
  const numbers = () =>
    engine.query(
      `SELECT (SELECT count() FROM turnout.interactions WHERE site_id = 'again') AS raw,
         (SELECT (sum(revenue), sum(views)) FROM turnout.event_daily WHERE site_id = 'again') AS events,
         (SELECT sum(interactions) FROM turnout.user_day WHERE site_id = 'again') AS users,
         (SELECT sum(interactions) FROM turnout.sessions WHERE site_id = 'again') AS sessions,
         (SELECT sum(activity_30) FROM turnout.user_state WHERE site_id = 'again') AS state,
         (SELECT count() FROM turnout.event_demographics_day WHERE site_id = 'again') AS demographics`,
    );

  await engine.insert(rows, token);
  const once = await numbers();
  await engine.insert(rows, token);

  expect(once).toMatchObject([{ raw: '2', users: '2', sessions: '2' }]);
  expect(await numbers()).toEqual(once);
});
