import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiskFull } from '../../log/log.ts';
import { anApp, FUZZ_CASES, NOW } from '../../testing/app.ts';
import { EVENT_NAMES } from './event-names.ts';
import { SEGMENT_BATCHES, SEGMENT_CALLS } from './routes.ts';

const basic = (key: string) => ({ Authorization: `Basic ${btoa(`${key}:`)}` });
const at = (ms: number) => new Date(NOW + ms).toISOString();

/** A track call as a browser sends one. */
const aTrack = (event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  messageId: `m-${event}`,
  anonymousId: 'ann',
  timestamp: at(-1_000),
  event,
  properties,
  ...more,
});

async function tracked(event: string, properties: object = {}) {
  const collector = anApp();
  const response = await collector.post('/v1/t', aTrack(event, properties), basic('wk_demo'));
  expect(await response.json()).toEqual({ success: true });
  expect(collector.rejected()).toEqual([]);
  return collector.rows();
}

test.each([...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES])(
  'takes a message at %s by Basic auth, by writeKey, and from a page',
  async (path) => {
    const message = {
      ...aTrack('Any', {}, { previousId: 'ann', userId: 'u1', groupId: 'g1', traits: {} }),
    };
    const isBatch = (SEGMENT_BATCHES as readonly string[]).includes(path);
    const body = isBatch ? { batch: [message] } : message;

    for (const [sent, headers] of [
      [body, basic('wk_demo')],
      [{ ...body, writeKey: 'wk_demo' }, {}],
      [
        { ...body, writeKey: 'wk_demo' },
        { Origin: 'http://localhost:3000', 'Content-Type': 'text/plain' },
      ],
    ] as const) {
      const { post, rows } = anApp();
      const response = await post(path, sent, headers);

      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ success: true });
      expect(rows()).toHaveLength(1);
      if ('Origin' in headers)
        expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:3000');
    }
  },
);

test('answers a preflight with the headers that browser clients send', async () => {
  const { app } = anApp();

  const response = await app.request('/v1/t', {
    method: 'OPTIONS',
    headers: { Origin: 'http://localhost:3000' },
  });

  expect(response.status).toBe(204);
  expect(response.headers.get('Access-Control-Allow-Headers')).toContain('Authorization');
  expect(response.headers.get('Access-Control-Allow-Headers')).toContain('X-Retry-Count');
});

test.each([
  ['no JSON', '{', basic('wk_demo'), 400],
  ['no object', '[]', basic('wk_demo'), 400],
  ['no batch', '{"batch":1}', basic('wk_demo'), 400],
  ['no key', '{"batch":[]}', {}, 401],
  ['another key', '{"batch":[]}', basic('wk_wrong'), 401],
  ['a broken header', '{"batch":[]}', { Authorization: 'Basic %' }, 401],
  ['another origin', '{"batch":[]}', { ...basic('wk_demo'), Origin: 'https://elsewhere.example' }, 403],
  ['too much', `{"batch":["${'x'.repeat(512_000)}"]}`, basic('wk_demo'), 413],
])('refuses a batch with %s', async (_name, body, headers, status) => {
  expect((await anApp().post('/v1/batch', body, headers as Record<string, string>)).status).toBe(status);
});

test('asks to come again when nothing can be stored, so that clients retry', async () => {
  const { post } = anApp({
    intake: {
      take: async () => {
        throw new DiskFull('full');
      },
    },
  });

  const response = await post('/v1/t', aTrack('Any'), basic('wk_demo'));

  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('5');
});

test('stores one row for a message that is sent again, and looks it up', async () => {
  const { post, rows, entries } = anApp();
  for (let attempt = 0; attempt < 3; attempt += 1)
    await post('/v1/t', aTrack('Any', {}, { sentAt: at(attempt) }), basic('wk_demo'));

  expect(rows()).toHaveLength(1);
  expect(entries().map(({ kind }) => kind)).toEqual(['d']);
});

test('gives a message without messageId a fresh id, and counts a warning', async () => {
  const { post, rows, warnings } = anApp();
  for (let time = 0; time < 2; time += 1)
    await post('/v1/t', aTrack('Any', {}, { messageId: undefined }), basic('wk_demo'));

  expect(new Set(rows().map(({ id }) => id)).size).toBe(2);
  expect(warnings).toMatchObject({ missing_message_id: 2 });
});

test("corrects the client's clock by sentAt, of the message or of the batch", async () => {
  const { post, rows } = anApp();
  const message = aTrack('Any', {}, { timestamp: at(3_600_000) });

  await post('/v1/batch', { batch: [message], sentAt: at(3_600_500) }, basic('wk_demo'));

  expect(rows()).toMatchObject([
    {
      occurred_at: '2026-05-01 21:00:00.000',
      ts: '2026-05-01 19:59:59.500',
      received_at: '2026-05-01 20:00:00.000',
    },
  ]);
});

test('keeps the neighbours of what is no message, and keeps that with its reason', async () => {
  const { post, rows, rejected } = anApp();
  const batch = [
    aTrack('First'),
    17,
    { type: 'teleport', userId: 'u' },
    aTrack('Nobody', {}, { anonymousId: undefined }),
    aTrack('', {}),
    aTrack('When', {}, { timestamp: 'yesterday' }),
    aTrack('Where', {}, { timestamp: '2026-05-01T19:00:00' }),
    aTrack('Old', {}, { timestamp: '2020-01-01T00:00:00Z' }),
    aTrack('Large', { text: 'x'.repeat(40_000) }),
    aTrack('Long id', {}, { anonymousId: 'x'.repeat(201) }),
    aTrack('Last', {}, { anonymousId: 'bob' }),
  ];

  const response = await post('/v1/batch', { batch }, basic('wk_demo'));

  expect(response.status).toBe(200);
  expect(rows().map(({ name }) => name)).toEqual(['First', 'Last']);
  expect(
    rejected()
      .map(({ code }) => code)
      .sort(),
  ).toEqual([...Array.from({ length: 8 }, () => 'invalid'), 'time_out_of_range']);
  expect(
    rejected()
      .map(({ message }) => message)
      .join('\n'),
  ).toContain('"anonymousId" or "userId"');
});

test.each([
  ['messages that are none', Array.from({ length: 200_000 }, () => 0), 'at most 2500 messages, not 200000'],
  [
    'orders of nothing',
    Array.from({ length: 900 }, (_, number) =>
      aTrack('Order Completed', { order_id: number, products: Array.from({ length: 100 }, () => ({})) }),
    ),
    '10000 interactions, not for 90000',
  ],
])('takes no batch that makes very much of a few bytes: %s', async (_, batch, reason) => {
  const { post, entries, errors } = anApp();

  const response = await post('/v1/batch', { batch }, basic('wk_demo'));

  expect(response.status).toBe(413);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).toContain(reason);
  expect(entries()).toEqual([]);
  expect(errors).toEqual([]);
});

test('splits a batch of many people into theirs', async () => {
  const { post, rows } = anApp();
  const batch = Array.from({ length: 1_500 }, (_, index) =>
    aTrack('Any', {}, { messageId: `m${index}`, anonymousId: `v${index % 3}` }),
  );

  await post('/v1/batch', { batch }, basic('wk_demo'));

  expect(rows()).toHaveLength(1_500);
  expect(new Set(rows().map(({ batch_id }) => batch_id)).size).toBe(3);
});

test('ends a session after 30 minutes of silence, the same on every retry and in any order', async () => {
  const { post, rows } = anApp();
  const minutes = [0, 20, 45, 90, 95];
  const batch = minutes.map((minute) =>
    aTrack('Any', {}, { messageId: `m${minute}`, timestamp: at((minute - 100) * 60_000) }),
  );
  await post('/v1/batch', { batch: [...batch].reverse() }, basic('wk_demo'));

  const sessionOf = (minute: number) =>
    rows().find(
      ({ ts }) =>
        ts ===
        at((minute - 100) * 60_000)
          .replace('T', ' ')
          .slice(0, -1),
    )?.session_id;
  expect(minutes.map(sessionOf)).toEqual([
    sessionOf(0),
    sessionOf(0),
    sessionOf(0),
    sessionOf(90),
    sessionOf(90),
  ]);
  expect(sessionOf(0)).not.toBe(sessionOf(90));

  const again = anApp();
  await again.post('/v1/batch', { batch }, basic('wk_demo'));
  const idAndSession = (row: { id: string; session_id: string }) => `${row.id} ${row.session_id}`;
  expect(again.rows().map(idAndSession).sort()).toEqual(rows().map(idAndSession).sort());
});

test.each([
  [{ context: { sessionId: 'own-session' } }, 'own-session'],
  [{ context: { sessionId: 1_714_591_000 } }, undefined],
  [{ integrations: { 'Actions Amplitude': { session_id: 1_714_591_000 } } }, undefined],
])('takes the session that the client says: %j', async (said, expected) => {
  const { post, rows } = anApp();
  const batch = [0, -3_600_000].map((ms) =>
    aTrack('Any', {}, { messageId: `m${ms}`, timestamp: at(ms), ...said }),
  );

  await post('/v1/batch', { batch }, basic('wk_demo'));

  const [first, second] = rows();
  expect(first?.session_id).toBe(second?.session_id);
  if (expected) expect(first?.session_id).toBe(expected);
});

test('takes page, campaign, language and browser from the context', async () => {
  const { post, rows } = anApp();
  const context = {
    page: {
      url: 'https://v.example/e?id=1',
      path: '/e',
      referrer: 'https://s.example/',
      title: 'E',
      search: '?id=1',
    },
    campaign: { source: 'mail', medium: 'email', name: 'spring', term: 'jazz', content: 'top' },
    locale: 'en-GB',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    library: { name: 'analytics.js', version: '2.1.0' },
  };

  await post(
    '/v1/p',
    { anonymousId: 'ann', userId: 'u1', messageId: 'm', timestamp: at(0), name: 'Event', context },
    basic('wk_demo'),
  );

  expect(rows()).toMatchObject([
    {
      type: 'page_view',
      visitor_id: 'ann',
      user_id: 'u1',
      user_key: 'u:u1',
      sdk: 'segment:analytics.js/2.1.0',
      page_url: 'https://v.example/e?id=1',
      page_path: '/e',
      referrer: 'https://s.example/',
      title: 'E',
      utm_source: 'mail',
      utm_medium: 'email',
      utm_campaign: 'spring',
      utm_term: 'jazz',
      utm_content: 'top',
      language: 'en-GB',
      browser: 'Safari',
      os: 'macOS',
      device: 'desktop',
      props: { name: 'Event' },
    },
  ]);
});

test('merges what a batch says of all its messages with what each says itself', async () => {
  const { post, rows } = anApp();
  const context = {
    library: { name: 'analytics-go', version: '3.3.0' },
    locale: 'de-DE',
    campaign: { source: 'mail' },
  };
  const own = { context: { locale: 'en-GB' }, integrations: { Amplitude: { session_id: 17 } } };

  await post(
    '/v1/batch',
    {
      batch: [aTrack('A'), aTrack('B', {}, own), aTrack('C', {}, { integrations: null, context: null })],
      context,
      integrations: { Amplitude: { session_id: 18 } },
    },
    basic('wk_demo'),
  );

  const shared = { sdk: 'segment:analytics-go/3.3.0', utm_source: 'mail' };
  const stored = ['A', 'B', 'C'].map((event) => rows().find(({ name }) => name === event));
  expect(stored).toMatchObject(['de-DE', 'en-GB', 'de-DE'].map((language) => ({ ...shared, language })));
  const [first, second, third] = stored.map((row) => row?.session_id);
  expect(third).toBe(first);
  expect(second).not.toBe(first);
});

test('keeps of traits what the tables use, and nothing that says who somebody is', async () => {
  const { post, rows } = anApp();
  const traits = {
    email: 'ann@example.com',
    firstName: 'Ann',
    birthday: '1990-04-01',
    gender: 'female',
    address: { street: 'Elm 1', city: 'Leeds', country: 'GB' },
    plan: 'gold',
    full_name: 'Ann Lee',
    contact: { phoneNumber: 5_125_550_100, team: 'north' },
    // The names that Segment reserves for who somebody is, and some that people make up.
    ...{ phone: '+15125550100', name: 'Ann', lastName: 'Lee', first_name: 'Ann', last_name: 'Lee' },
    ...{ username: 'ann7', avatar: 'https://img.example/ann.png', password: 'Ann-1990', ip: '203.0.113.9' },
    'E-Mail': 'ann@example.com',
  };

  await post('/v1/i', { userId: 'u1', messageId: 'm', timestamp: at(0), traits }, basic('wk_demo'));

  expect(rows()).toMatchObject([
    {
      type: 'identify',
      user_id: 'u1',
      props: {
        birth_year: 1990,
        gender: 'female',
        city: 'Leeds',
        country: 'GB',
        plan: 'gold',
        contact: { team: 'north' },
      },
    },
  ]);
  expect(JSON.stringify(rows())).not.toMatch(
    /ann@example|Ann\b|Elm|5125550100|Lee\b|ann7|img\.example|203\.0|04-01/,
  );
  expect(Object.keys(rows()[0]?.props ?? {}).sort()).toEqual(
    ['birth_year', 'city', 'contact', 'country', 'gender', 'plan'].sort(),
  );
});

test('links the ids of alias', async () => {
  const { post, rows } = anApp();

  await post('/v1/a', { previousId: 'ann', userId: 'u1', messageId: 'm' }, basic('wk_demo'));

  expect(rows()).toMatchObject([{ type: 'custom', name: 'alias', visitor_id: 'ann', user_id: 'u1' }]);
});

test('makes an order the lines of its products, which add up to what was paid', async () => {
  const rows = await tracked('Order Completed', {
    order_id: 'A-1',
    revenue: 100,
    total: 112.5,
    shipping: 12.5,
    currency: 'usd',
    coupon: 'SPRING',
    products: [
      { product_id: 'tee', price: 20, quantity: 1, name: 'T-shirt' },
      { event_id: '42', price: 30, quantity: 2 },
      { event_id: '42', price: 30, quantity: 1, variant: 'VIP' },
    ],
  });

  expect(rows).toMatchObject([
    {
      type: 'purchase',
      order_id: 'A-1',
      entity_type: 'offer',
      entity_id: 'tee',
      value: '18.18',
      quantity: 1,
    },
    { type: 'purchase', order_id: 'A-1', entity_type: 'event', entity_id: '42', value: '54.54', quantity: 2 },
    { type: 'purchase', order_id: 'A-1', entity_type: 'event', entity_id: '42', value: '27.28', quantity: 1 },
  ]);
  expect(rows.reduce((sum, { value }) => sum + Number(value), 0)).toBeCloseTo(100, 9);
  expect(rows.map(({ props }) => props)).toMatchObject([
    { shipping: 12.5, coupon: 'SPRING', name: 'T-shirt' },
    {},
    { line: 'event:42#2', variant: 'VIP' },
  ]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(3);
});

test('reads an amount as JavaScript writes a sum of cents', async () => {
  const [row] = await tracked('Order Completed', { order_id: 'A-1', revenue: String(0.1 + 0.2) });

  expect(row).toMatchObject({ value: '0.3' });
});

test('counts an order once, whatever message reports it', async () => {
  const { post, rows } = anApp();
  for (const messageId of ['page', 'reload'])
    await post(
      '/v1/t',
      aTrack('Order Completed', { order_id: 'A-1', revenue: 10 }, { messageId }),
      basic('wk_demo'),
    );

  expect(rows()).toHaveLength(1);
});

test('rejects an order of more lines than anybody buys', async () => {
  const { post, rows, rejected } = anApp();
  const products = Array.from({ length: 101 }, () => ({}));

  await post('/v1/t', aTrack('Order Completed', { order_id: 'A-1', products }), basic('wk_demo'));

  expect(rows()).toEqual([]);
  expect(rejected()).toMatchObject([{ message: expect.stringContaining('"products" lists 101') }]);
});

test('keeps nothing of a person with a message that belongs to nobody', async () => {
  const { post, rejected } = anApp();
  const told = {
    traits: { email: 'ann@example.com' },
    context: { ip: '203.0.113.9' },
    userId: 'ann@example.com',
  };

  await post('/v1/i', { ...told, messageId: 'm-1', timestamp: 'yesterday' }, basic('wk_demo'));

  expect(rejected()).toMatchObject([{ text: JSON.stringify({ messageId: 'm-1', timestamp: 'yesterday' }) }]);
});

test('counts no cart in nobody knows what currency', async () => {
  const [row] = await tracked('Product Added', { product_id: 'p1', price: 10, currency: 'Euro' });

  expect(row).toMatchObject({ type: 'cart_add', props: { price: 10, currency: 'Euro' } });
  expect(row?.value).toBeUndefined();
});

test('rejects an order in nobody knows what currency instead of counting it as its own', async () => {
  const { post, rows, rejected } = anApp();

  await post(
    '/v1/t',
    aTrack('Order Completed', { order_id: 'A-1', revenue: 10, currency: 'Euro' }),
    basic('wk_demo'),
  );

  expect(rows()).toEqual([]);
  expect(rejected()).toMatchObject([{ code: 'invalid', message: expect.stringContaining('"currency"') }]);
});

test.each([
  [
    'Product Viewed',
    { product_id: 'p1', price: 25 },
    { type: 'view', entity_type: 'offer', entity_id: 'p1', price_min: '25' },
  ],
  ['product viewed', { event_id: 42 }, { type: 'view', entity_type: 'event', entity_id: '42' }],
  [
    'Product Clicked',
    { product_id: 'p1', position: 3, list_id: 'l' },
    { type: 'click', position: 3, list_id: 'l' },
  ],
  [
    'Product Added',
    { product_id: 'p1', price: 12.5, quantity: 2 },
    { type: 'cart_add', value: '25', quantity: 2 },
  ],
  ['Product Removed', { sku: 's1' }, { type: 'cart_remove', entity_id: 's1' }],
  [
    'Product List Viewed',
    { list_id: 'new', products: [{ product_id: 'a' }, { sku: 'b' }] },
    {
      type: 'view',
      entity_type: 'list',
      list_id: 'new',
      props: { product_count: 2, product_ids: ['a', 'b'] },
    },
  ],
  ['Products Searched', { query: 'jazz' }, { type: 'search', query: 'jazz' }],
  [
    'Promotion Viewed',
    { promotion_id: 'p', position: 'home_top' },
    { type: 'impression', entity_type: 'ad', entity_id: 'p', surface: 'home_top' },
  ],
  ['Promotion Clicked', { promotion_id: 'p' }, { type: 'click', entity_type: 'ad', entity_id: 'p' }],
  ['Product Added to Wishlist', { product_id: 'p' }, { type: 'save', entity_id: 'p' }],
  ['Product Removed from Wishlist', { product_id: 'p' }, { type: 'save', undo: 1 }],
  [
    'Checkout Started',
    { order_id: 'A-1', value: 50, currency: 'USD' },
    { type: 'checkout_start', value: '50', order_id: 'A-1' },
  ],
  ['Payment Info Entered', {}, { type: 'funnel_step', props: { step: 'payment_info' } }],
  ['Order Refunded', { order_id: 'A-1', total: 30 }, { type: 'refund', value: '30' }],
  [
    'Product Shared',
    { product_id: 'p', share_via: 'email', share_message: 'hi', recipient: 'a@b.c' },
    { type: 'share', props: { platform: 'email' } },
  ],
  [
    'Product Reviewed',
    { product_id: 'p', rating: 4, review_body: 'great' },
    { type: 'review', rating: '4', props: { review_length: 5 } },
  ],
  [
    'Experiment Viewed',
    { experiment_id: 'e', variation_id: 'b' },
    { type: 'exposure', experiment: 'e', variant: 'b' },
  ],
  [
    'ticket_click',
    { event_id: '42', ticket_provider: 'dice' },
    { type: 'ticket_click', entity_type: 'event', ticket_provider: 'dice' },
  ],
  [
    'Coupon Applied',
    { coupon_id: 'c', order_id: 'A-1' },
    { type: 'custom', name: 'Coupon Applied', order_id: 'A-1', props: { coupon_id: 'c' } },
  ],
  ['custom', { x: 1 }, { type: 'custom', name: 'custom', props: { x: 1 } }],
])('reads %s %j', async (event, properties, expected) => {
  expect(await tracked(event, properties)).toMatchObject([expected]);
});

test('says in docs/segment.md what each name becomes', async () => {
  const page = await readFile(new URL('../../../../../docs/segment.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('| `track` event'), page.indexOf('| call |'));
  const listed = [...table.matchAll(/^\| `([^`]+)` \| `(\w+)`/gm)].map(([, name, type]) => [name, type]);

  expect(listed).toEqual(Object.entries(EVENT_NAMES).map(([name, { type }]) => [name, type]));
});

test('tells a browser client to send here', async () => {
  const { app } = anApp();

  const response = await app.request('http://127.0.0.1:8787/v1/projects/wk_demo/settings');

  expect(await response.json()).toMatchObject({
    integrations: { 'Segment.io': { apiKey: 'wk_demo', apiHost: '127.0.0.1:8787/v1', protocol: 'http' } },
  });
  expect((await app.request('/v1/projects/<b>/settings')).status).toBe(404);
});

/** JSON as anyone may send it, and now and then nearly a message. */
const loose = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, '', -1, 1e300, 'Order Completed', '__proto__', 'track'),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('json'), { maxKeys: 4 }),
  ),
})).json;
const field = (...likely: unknown[]) =>
  fc.option(fc.oneof(fc.constantFrom(...likely), loose), { nil: undefined });
const message = fc.oneof(
  loose,
  fc.record({
    type: field('track', 'page', 'identify', 'group', 'alias', 'screen'),
    event: field(...Object.keys(EVENT_NAMES), 'ticket_click', 'mine'),
    messageId: field('a', 'b', 17),
    anonymousId: field('ann', 'bob'),
    userId: field('u1', 7),
    previousId: field('ann'),
    timestamp: field(at(0), at(-1_000), NOW),
    sentAt: field(at(10)),
    properties: field({ order_id: 'o', products: [{ sku: 's' }, null, 3] }, { price: 'x', currency: 'EUR' }),
    traits: field({ email: 'x', address: 3 }),
    context: field({ page: { url: 3 } }, { sessionId: 's' }),
    integrations: field({ Amplitude: null }, { Amplitude: { session_id: -1 } }),
  }),
);

test('answers any JSON without an error of its own, and never loses a neighbour', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES),
      fc.array(message, { maxLength: 5 }),
      async (path, messages) => {
        const { post, rows, counts, errors } = anApp();
        const good = aTrack('Good one', {}, { messageId: 'the good one', anonymousId: 'good' });
        const isBatch = (SEGMENT_BATCHES as readonly string[]).includes(path);
        const body = isBatch ? { batch: [...messages, good] } : messages[0];

        const response = await post(path, body === undefined ? 'null' : body, basic('wk_demo'));

        expect(errors).toEqual([]);
        expect([200, 400]).toContain(response.status);
        if (!isBatch) return;
        expect(rows().filter(({ name }) => name === 'Good one')).toHaveLength(1);
        // An order may be several interactions; nothing is less than one.
        expect(counts.accepted + counts.rejected).toBeGreaterThan(messages.length);
      },
    ),
    { numRuns: FUZZ_CASES * 0.4 },
  );
}, 600_000);
