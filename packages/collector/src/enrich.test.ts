import { contextSchema, type Interaction, type InteractionRow, interactionSchema } from '@turnout/schema';
import { expect, test } from 'vitest';
import { type Facts, type OwnFacts, rejectedRow } from './enrich.ts';
import type { BatchHead } from './judge.ts';
import { demoSite, type Site } from './sites.ts';
import { toRow } from './testing/to-row.ts';
import { describeAgent } from './user-agent.ts';
import { countIn, type WarningCode } from './warnings.ts';

type SomeFacts = Facts & Omit<OwnFacts, 'sender'>;

const receivedAt = Date.UTC(2026, 0, 1, 4, 30);
const HEADLESS =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36';
const site: Site = {
  ...demoSite,
  id: 'venue',
  timeZone: 'America/Chicago',
  currency: 'USD',
  countAutomation: false,
};

const anInteraction = (fields: Partial<Interaction> = {}): Interaction => ({
  id: '019b7706-f400-7001-8a5c-5f3e00000001',
  type: 'click',
  occurred_at: receivedAt - 1_000,
  ...fields,
});
const aBatch = (fields: Partial<BatchHead> = {}): BatchHead => ({
  batch_id: '019b7706-f400-7002-8a5c-5f3e00000002',
  sdk: 'js/0.1.0',
  visitor_id: 'visitor-1',
  session_id: '019b7706-f3ff-7abc-9def-0123456789ab',
  ...fields,
});
const theFacts = (facts: Partial<SomeFacts> = {}): SomeFacts => ({
  site,
  receivedAt,
  sentAt: receivedAt,
  attempt: 0,
  userKey: '12345678901234567890',
  agent: describeAgent(HEADLESS.replace('Headless', '')),
  warn: () => {},
  ...facts,
});
const row = (
  fields: Partial<Interaction> = {},
  batch: Partial<BatchHead> = {},
  facts: Partial<SomeFacts> = {},
) => toRow(anInteraction(fields), aBatch(batch), theFacts(facts));

test('keeps the words of the wire and adds what the collector knows', () => {
  const { props, context, ...sent } = anInteraction({
    context: 0,
    entity_type: 'event',
    entity_id: 'evt_42',
    position: 3,
    surface: 'feed',
    props: { feed_tab: 'events' },
  });

  const made = row({ ...sent, context, props }, { contexts: [{ page_path: '/tonight', title: 'Tonight' }] });

  expect(made).toEqual({
    ...sent,
    page_path: '/tonight',
    title: 'Tonight',
    props: { feed_tab: 'events' },
    site_id: 'venue',
    id_day: '2026-01-01',
    ts: '2026-01-01 04:29:59.000',
    occurred_at: '2026-01-01 04:29:59.000',
    received_at: '2026-01-01 04:30:00.000',
    local_date: '2025-12-31',
    batch_id: '019b7706-f400-7002-8a5c-5f3e00000002',
    attempt: 0,
    user_key: '12345678901234567890',
    visitor_id: 'visitor-1',
    session_id: '019b7706-f3ff-7abc-9def-0123456789ab',
    sdk: 'js/0.1.0',
    env: 'production',
    device: 'desktop',
    browser: 'Chrome',
    os: 'Linux',
    is_bot: 0,
  });
});

test('every field of the wire reaches its column', () => {
  const page = Object.fromEntries(Object.keys(contextSchema.shape).map((field) => [field, field]));
  const elsewhere = ['id', 'type', 'occurred_at', 'context', 'undo', 'value', 'props'];
  const fields = Object.keys(interactionSchema.shape).filter((field) => !elsewhere.includes(field));
  const sent = Object.fromEntries(fields.map((field) => [field, field]));

  const made = row({ ...sent, context: 0 }, { contexts: [page] });

  for (const field of [...fields, ...Object.keys(page)]) {
    expect(made[field as keyof InteractionRow], field).toBe(field);
  }
});

test('corrects the time by the skew of the attempt, while the day of the id stays', () => {
  const aDayBehind = { sentAt: receivedAt - 86_400_000 };

  expect(row({ occurred_at: receivedAt - 86_401_000 }, {}, aDayBehind)).toMatchObject({
    id_day: '2025-12-31',
    occurred_at: '2025-12-31 04:29:59.000',
    ts: '2026-01-01 04:29:59.000',
  });
});

test('well-known props become columns', () => {
  const props = {
    artist_id: 'art_7',
    venue_id: 3,
    genre: 'jazz',
    event_date: '2026-02-14T20:00:00-06:00',
    price_min: 25,
    price_max: '60.50',
    ticket_provider: 'dice',
    rating: 4.5,
  };

  const made = row({ props });

  expect(made).toMatchObject({
    ...props,
    venue_id: '3',
    event_date: '2026-02-14',
    price_min: '25',
    price_max: '60.5',
    rating: '4.5',
  });
  expect(made.props).toBeUndefined();
});

test('a well-known prop that does not fit stays in props and is counted', () => {
  const warnings = new Map<WarningCode, number>();
  const props = {
    event_date: '2026-02-31',
    price_min: -1,
    price_max: 'free',
    rating: 11,
    genre: ['jazz'],
    artist_id: '',
  };

  const made = row({ props }, {}, { warn: countIn(warnings) });

  expect(made.props).toEqual(props);
  expect(made.rating).toBeUndefined();
  expect(warnings).toEqual(new Map([['invalid_prop', 6]]));
});

test('prices of another currency are none of the site, and stay among the props', () => {
  const props = { price_min: 8_000, price_max: 9_000, genre: 'jazz' };
  const event = { price_min: '50', price_max: '60' };

  const yen = row({ props, currency: 'JPY' });

  expect(yen).toMatchObject({ genre: 'jazz', props: { price_min: 8_000, price_max: 9_000 } });
  expect(yen.price_min).toBeUndefined();
  expect(row({ props, currency: 'USD' })).toMatchObject({ price_min: '8000', price_max: '9000' });
  // The catalogue says them in the currency of the site.
  expect(row({ props, currency: 'JPY' }, {}, { event })).toMatchObject(event);
});

test('what is about an artist or a venue counts for them, unless a prop says otherwise', () => {
  expect(row({ entity_type: 'artist', entity_id: 'art_7' }).artist_id).toBe('art_7');
  expect(row({ entity_type: 'venue', entity_id: 'ven_3' }).venue_id).toBe('ven_3');
  expect(row({ entity_type: 'artist', entity_id: 'art_7', props: { artist_id: 'art_8' } }).artist_id).toBe(
    'art_8',
  );
});

test.each([
  [49.5, '49.5'],
  [0.1 + 0.2, '0.3'],
  [-0.00001, '0'],
  [100, '100'],
  [1e12, '1000000000000'],
  [1.23456, '1.2346'],
])('writes the amount %d as %s', (value, text) => {
  expect(row({ type: 'tip', value }).value).toBe(text);
});

test("sums add up the site's currency alone, which an amount without one is in", () => {
  expect(row({ type: 'tip', value: 5 })).toMatchObject({ value: '5', currency: 'USD', site_value: '5' });
  expect(row({ type: 'tip', value: 5, currency: 'USD' }).site_value).toBe('5');
  expect(row({ type: 'tip', value: 5, currency: 'EUR' })).toMatchObject({ value: '5', currency: 'EUR' });
  expect(row({ type: 'tip', value: 5, currency: 'EUR' }).site_value).toBeUndefined();
  expect(row().currency).toBeUndefined();
});

test('a refund is a positive amount, however it was sent', () => {
  expect(row({ type: 'refund', value: -20 })).toMatchObject({ value: '20', site_value: '20' });
});

test('an order counts once whoever reports it, and each of its lines once', () => {
  const order = { type: 'purchase', order_id: 'order-1', entity_type: 'event', entity_id: 'evt_42' } as const;
  const { id } = row(order);

  // Another id for the same order would count every order again that is reported twice.
  expect(id).toBe('76715c69-e806-5050-b976-f25fa6c61397');
  expect(row({ ...order, id: '019b7706-f400-7001-8a5c-5f3e00000009' }, { user_id: 'u' }).id).toBe(id);
  const others = [
    row({ ...order, entity_id: 'evt_43' }),
    row({ ...order, props: { line: '1' } }),
    row({ ...order, props: { line: 2 } }),
    row({ ...order, entity_id: 'evt_43', props: { line: '1' } }),
    row({ ...order, entity_type: undefined, entity_id: undefined, props: { line: '1' } }),
    row({ ...order, props: { line: 'event:evt_42#2' } }),
    row({ ...order, props: { line: 'event:evt_421' } }),
    row({ ...order, type: 'refund' }),
    row({ ...order, order_id: 'order-2' }),
    row(order, {}, { site: demoSite }),
  ];
  expect(new Set([id, ...others.map((it) => it.id)]).size).toBe(others.length + 1);
});

test('a line that says itself what was bought is known without it, and so is one of nothing', () => {
  const order = { type: 'purchase', order_id: 'order-1' } as const;
  const ofEvent = { ...order, entity_type: 'event', entity_id: 'evt_42' } as const;
  const idOf = (interaction: Partial<Interaction>, line: string) =>
    row({ ...interaction, props: { line } }).id;

  for (const line of ['event:evt_42', 'event:evt_42#2', 'event:evt_42/r%1'])
    expect(idOf(ofEvent, line)).toBe(idOf(order, line));
  expect(idOf(ofEvent, 'event:evt_42')).toBe(row(ofEvent).id);
  // As they were before both stood in an id.
  expect(idOf(ofEvent, 'event:evt_42#2')).toBe('22d1d87a-f46f-51c6-8248-35ee7cf2ac6f');
  expect(idOf(ofEvent, 'event:evt_42/r%1')).toBe('3a36e08a-1453-5d15-9d0c-39ff6edefeb9');
  expect(idOf(order, '1')).toBe('c8c6da49-fc90-51ab-9306-ac66e6aec448');
  expect(idOf(ofEvent, '1')).toBe('6114c985-b642-5335-bae4-0772944c34b7');
});

test('without an order the id is the one that was sent', () => {
  expect(row({ type: 'purchase' }).id).toBe(anInteraction().id);
  expect(row({ type: 'cart_add', order_id: 'order-1' }).id).toBe(anInteraction().id);
});

test('without cookies a session is a day of one person, and no id of the browser is kept', () => {
  const batch = { cookieless: true, session_id: undefined } as const;
  const made = row({}, batch);

  expect(made.visitor_id).toBeUndefined();
  expect(made.session_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(row({ occurred_at: receivedAt - 60_000 }, batch).session_id).toBe(made.session_id);
  expect(row({}, batch, { userKey: '7' }).session_id).not.toBe(made.session_id);
  expect(row({ occurred_at: receivedAt - 86_400_000 }, batch).session_id).not.toBe(made.session_id);
});

test('takes something back with a one, and leaves out what does not apply', () => {
  expect(row({ type: 'like', undo: true }).undo).toBe(1);
  expect(row({ type: 'like', undo: false }).undo).toBeUndefined();
});

test('automation is a bot, except on the site where developers test', () => {
  const agent = describeAgent(HEADLESS);
  const crawler = describeAgent('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)');

  expect(row({}, {}, { agent }).is_bot).toBe(1);
  expect(row({}, {}, { agent, site: demoSite }).is_bot).toBe(0);
  expect(row({}, {}, { agent: crawler, site: demoSite }).is_bot).toBe(1);
});

test('a rejection becomes a row of its own', () => {
  const rejection = { index: 2, id: null, code: 'invalid', message: 'it is null.', text: 'null' } as const;

  expect(rejectedRow(rejection, aBatch(), theFacts())).toEqual({
    site_id: 'venue',
    received_at: '2026-01-01 04:30:00.000',
    received_day: '2026-01-01',
    batch_id: '019b7706-f400-7002-8a5c-5f3e00000002',
    index: 2,
    id: '',
    code: 'invalid',
    message: 'it is null.',
    text: 'null',
    user_key: '12345678901234567890',
  });
});
