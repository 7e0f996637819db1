import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterNoon, day, type Engine, openMigrated } from './engine.test-helper.ts';
import { naiveTicketLinks, ticketHistoryOf } from './naive-ticket-links.test-helper.ts';
import type { InteractionRow } from './table.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

const click = (daysAgo: number, minutes: number, row: Partial<InteractionRow>) =>
  afterNoon(daysAgo, minutes, { type: 'ticket_click', ticket_provider: 'shop', ...row });
/** As a back end reports it: known by nobody but the order. */
const sale = (daysAgo: number, minutes: number, row: Partial<InteractionRow>) =>
  afterNoon(daysAgo, minutes, {
    ...{ type: 'purchase', sdk: 'ingest', session_id: '', user_key: '9', site_value: '50' },
    ...row,
  });
const read = (site: string, from: number, to: number, window = 7) =>
  engine.query(
    `SELECT toString(date) AS date, event_id, ticket_provider, ticket_clicks, tagged_clicks, matched_by_click_id AS certain, matched_by_person AS likely,
       matched_from_server AS from_server, matched_tickets AS tickets, toFloat64(matched_revenue) AS revenue, unmatched_orders AS unmatched, ticket_conversion
     FROM turnout.ticket_link_daily(from = '${day(from)}', to = '${day(to)}', window = ${window})
     WHERE site_id = '${site}' ORDER BY date, event_id, ticket_provider SETTINGS output_format_json_quote_64bit_integers = 0`,
  );
const nothing = {
  ...{ ticket_provider: 'shop', ticket_clicks: 0, tagged_clicks: 0, certain: 0, likely: 0, from_server: 0 },
  ...{ tickets: 0, revenue: 0, unmatched: 0, ticket_conversion: 0 },
};

test('a purchase that brings the click id back belongs to the day and the event of its click', async () => {
  const site_id = 'by-id';
  const own = click(9, 5, { site_id, user_key: '2' });
  await engine.insert([
    click(9, 0, { site_id, props: { click_id: 'k1' } }),
    own,
    sale(7, 0, { site_id, order_id: 'o1', quantity: 2, props: { click_id: 'k1' } }),
    // Two lines about one event in one order are one order.
    sale(7, 0, { site_id, order_id: 'o1', quantity: 1, props: { click_id: 'k1', line: 'b' } }),
    // A shop that took the id of the interaction.
    sale(9, 2, { site_id, order_id: 'o2', user_key: '8', props: { click_id: own.id } }),
    // Part of the first goes back.
    sale(6, 0, { site_id, order_id: 'o1', type: 'refund', site_value: '30' }),
    // Too late, and of an id that nobody clicked.
    sale(1, 0, { site_id, order_id: 'o3', props: { click_id: 'k1' } }),
    sale(7, 0, { site_id, order_id: 'o4', entity_id: 'e2', props: { click_id: 'k9' } }),
    sale(7, 0, { site_id, order_id: 'o5', env: 'test', props: { click_id: 'k1' } }),
  ]);

  expect(await read(site_id, 9, 1)).toEqual([
    {
      ...{ ...nothing, date: day(9), event_id: 'e1', ticket_clicks: 2, tagged_clicks: 1, certain: 2 },
      ...{ from_server: 2, tickets: 4, revenue: 120, ticket_conversion: 1 },
    },
    { ...nothing, date: day(7), event_id: 'e2', ticket_provider: '', unmatched: 1 },
    { ...nothing, date: day(1), event_id: 'e1', ticket_provider: '', unmatched: 1 },
  ]);
  // The days after: their purchases belong to clicks before, and are not unmatched.
  expect(await read(site_id, 8, 8)).toEqual([]);
  expect(await read(site_id, 7, 7)).toMatchObject([{ event_id: 'e2', unmatched: 1 }]);
});

test('without a click id, the last click of the same person on the same event before the purchase counts', async () => {
  const site_id = 'by-person';
  await engine.insert([
    click(6, 0, { site_id, user_key: '3', ticket_provider: 'early' }),
    click(5, 0, { site_id, user_key: '3' }),
    click(5, 20, { site_id, user_key: '3', ticket_provider: 'late' }),
    click(5, 0, { site_id, user_key: '3', entity_id: 'e2' }),
    sale(5, 10, { site_id, user_key: '3', order_id: 'o1' }),
    // The page reported it.
    sale(5, 11, { site_id, user_key: '3', order_id: 'o2', entity_id: 'e2', sdk: 'js/0.1.0' }),
    sale(5, 12, { site_id, user_key: '4', order_id: 'o3' }),
  ]);

  const found = await read(site_id, 6, 4);

  expect(found).toMatchObject([
    { date: day(6), ticket_provider: 'early', ticket_clicks: 1, likely: 0 },
    { date: day(5), event_id: 'e1', ticket_provider: '', ticket_clicks: 0, unmatched: 1 },
    { date: day(5), event_id: 'e1', ticket_provider: 'late', ticket_clicks: 1, likely: 0 },
    { date: day(5), event_id: 'e1', ticket_provider: 'shop', likely: 1, from_server: 1, revenue: 50 },
    { date: day(5), event_id: 'e2', ticket_provider: 'shop', likely: 1, from_server: 0, revenue: 50 },
  ]);
});

test('a purchase belongs to its last click, whichever days are asked for', async () => {
  const site_id = 'by-day';
  await engine.insert([
    click(6, 0, { site_id, user_key: '3' }),
    click(5, 0, { site_id, user_key: '3' }),
    sale(4, 0, { site_id, user_key: '3', order_id: 'o1' }),
    // The same link, opened twice.
    click(6, 0, { site_id, entity_id: 'e2', props: { click_id: 'k1' } }),
    click(5, 0, { site_id, entity_id: 'e2', props: { click_id: 'k1' } }),
    sale(4, 0, { site_id, entity_id: 'e2', order_id: 'o2', props: { click_id: 'k1' } }),
  ]);

  const ofDays = [await read(site_id, 6, 6), await read(site_id, 5, 5), await read(site_id, 4, 4)].flat();

  expect(ofDays).toMatchObject([
    { date: day(6), event_id: 'e1', likely: 0 },
    { date: day(6), event_id: 'e2', certain: 0 },
    { date: day(5), event_id: 'e1', likely: 1 },
    { date: day(5), event_id: 'e2', certain: 1 },
  ]);
  expect(await read(site_id, 6, 4)).toEqual(ofDays);
});

test('a click id that several links share belongs to the link of the thing that was bought', async () => {
  const site_id = 'shared';
  const k1 = { click_id: 'k1' };
  await engine.insert([
    click(6, 0, { site_id, props: k1 }),
    click(5, 0, { site_id, entity_id: 'e2', props: k1 }),
    sale(4, 0, { site_id, order_id: 'o1', props: k1 }),
    sale(4, 0, { site_id, order_id: 'o1', entity_id: 'e2', props: k1 }),
    // Led to the shop by a link on e1 or e2, and bought something else there: the last of them led.
    sale(4, 0, { site_id, order_id: 'o1', entity_id: 'e3', props: k1 }),
  ]);

  const ofDays = [await read(site_id, 6, 6), await read(site_id, 5, 5), await read(site_id, 4, 4)].flat();

  expect(ofDays).toMatchObject([
    { date: day(6), event_id: 'e1', certain: 1, revenue: 50 },
    { date: day(5), event_id: 'e2', certain: 2, revenue: 100 },
  ]);
  expect(await read(site_id, 6, 4)).toEqual(ofDays);
});

test('says what a plain count says, for 300 histories of links that share ids', async () => {
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  const histories = numbers.map((number) => ticketHistoryOf(number, afterNoon));
  await engine.insert(histories.flat());
  const expected = histories.flatMap((rows, number) =>
    [...naiveTicketLinks(rows, 3)].map(([key, figures]) => `links-${number} ${key} ${figures}`),
  );

  const said = await engine.query<{ line: string }>(
    `SELECT concat(site_id, ' ', toString(date), ' ', event_id, ' ', ticket_provider, ' ', arrayStringConcat([ticket_clicks, tagged_clicks, matched_by_click_id,
       matched_by_person, matched_from_server, matched_tickets, toInt64(matched_revenue), unmatched_orders], ',')) AS line
     FROM turnout.ticket_link_daily(from = '${day(15)}', to = '${day(0)}', window = 3) WHERE startsWith(site_id, 'links-')`,
  );

  expect(expected.length).toBeGreaterThan(1_000);
  expect(said.map(({ line }) => line).sort()).toEqual(expected.sort());
});

test('a till with thousands of clicks and orders takes no more memory than as many people', async () => {
  const site_id = 'till';
  const sold = Array.from({ length: 4000 }, (_, n) => [
    click(9, n / 60, { site_id, user_key: '7' }),
    sale(9, n / 60 + 0.01, { site_id, user_key: '7', order_id: `o${n}` }),
  ]);
  await engine.insert(sold.flat());

  const [found] = await engine.query(
    `SELECT sum(ticket_clicks) AS clicks, sum(matched_by_person) AS likely, sum(unmatched_orders) AS unmatched
     FROM turnout.ticket_link_daily(from = '${day(30)}', to = '${day(0)}', window = 7) WHERE site_id = 'till'
     SETTINGS max_memory_usage = 500000000, output_format_json_quote_64bit_integers = 0`,
  );

  expect(found).toEqual({ clicks: 4000, likely: 4000, unmatched: 0 });
});

test('a question about one site reads the rows of that site alone', async () => {
  const plan = await engine.query<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT * FROM turnout.ticket_link_daily(from = '${day(30)}', to = '${day(0)}', window = 7) WHERE site_id = 'by-id'`,
  );
  const text = plan.map(({ explain }) => explain).join('\n');

  expect(text.split('ReadFromMergeTree')).toHaveLength(4);
  expect(text.match(/Condition: .*site_id in \['by-id', 'by-id'\]/g)).toHaveLength(3);
});

test('the click id stays when props are cleared', async () => {
  const site_id = 'old';
  const old = { site_id, props: { click_id: 'k1' } };
  await engine.insert([click(100, 0, old), sale(100, 5, { ...old, order_id: 'o1' })]);
  await engine.command('OPTIMIZE TABLE turnout.interactions FINAL');

  const [row] = await engine.query<{ left: string }>(
    `SELECT toString(countIf(toString(props) != '{}')) AS left FROM turnout.interactions WHERE site_id = 'old'`,
  );

  expect(row).toEqual({ left: '0' });
  expect(await read(site_id, 100, 100)).toMatchObject([{ tagged_clicks: 1, certain: 1 }]);
});
