import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogBusy } from '../../log/log.ts';
import { anApp, FUZZ_CASES, NOW, venue } from '../../testing/app.ts';
import { RECORD_KINDS } from './routes.ts';

const bearer = { Authorization: `Bearer ${venue.secretKeys[0]}` };
const at = new Date(NOW - 1_000).toISOString();

async function report(kind: string, body: unknown, headers: Record<string, string> = {}) {
  const collector = anApp();
  const response = await collector.post(`/v1/ingest/${kind}`, body, { ...bearer, ...headers });
  return { ...collector, status: response.status, answer: await response.json() };
}

const aSale = { order_id: 'A-1', occurred_at: at, user_id: 'u1', value: 100, event_id: '42', quantity: 2 };
const good: Record<string, object> = {
  sale: aSale,
  attendance: { event_id: '42', ticket_id: 't1', occurred_at: at },
  revenue: { venue_id: 'v1', category: 'bar', value: 812.5, occurred_at: at },
  social: { artist_id: 'a1', network: 'instagram', followers: 12_000, occurred_at: at },
};

test('makes a sale a purchase outside of any session', async () => {
  const { status, answer, rows } = await report('sale', {
    ...aSale,
    visitor_id: 'ann',
    currency: 'USD',
    ticket_type: 'standing',
    ticket_provider: 'box-office',
  });

  expect(status).toBe(202);
  expect(answer).toEqual({ accepted: 1, rejected: [] });
  expect(rows()).toMatchObject([
    {
      site_id: 'venue',
      type: 'purchase',
      env: 'production',
      user_key: 'u:u1',
      visitor_id: 'ann',
      session_id: '',
      order_id: 'A-1',
      entity_type: 'event',
      entity_id: '42',
      value: '100',
      site_value: '100',
      quantity: 2,
      ticket_provider: 'box-office',
      is_bot: 0,
      props: { ticket_type: 'standing' },
    },
  ]);
});

test('has the id that a page gives the same order', async () => {
  const { app, post, rows } = anApp();
  await post('/v1/ingest/sale', aSale, bearer);
  const response = await app.request('/v1/interactions?key=wk_venue&attempt=0', {
    method: 'POST',
    body: JSON.stringify({
      batch_id: crypto.randomUUID(),
      visitor_id: 'ann',
      session_id: 's',
      interactions: [
        {
          id: crypto.randomUUID(),
          type: 'purchase',
          occurred_at: NOW,
          order_id: 'A-1',
          entity_type: 'event',
          entity_id: '42',
        },
      ],
    }),
  });
  await post(
    '/v1/t',
    {
      event: 'Order Completed',
      messageId: 'm',
      userId: 'u1',
      properties: { order_id: 'A-1', event_id: '42', revenue: 100 },
    },
    { Authorization: `Basic ${btoa('wk_venue:')}` },
  );

  expect(response.status).toBe(202);
  expect(rows()).toHaveLength(1);
});

test('spreads what was paid over the lines', async () => {
  const { rows } = await report('sale', {
    ...aSale,
    event_id: undefined,
    value: 99.99,
    lines: [
      { event_id: '42', price: 30, quantity: 2, ticket_type: 'standing' },
      { event_id: '42', price: 60, ticket_type: 'VIP' },
      { offer_id: 'tee', value: 0 },
    ],
  });

  // What all lines of the order have in common.
  const order_record = rows()[0]?.props?.order_record;
  expect(order_record).toMatch(/^r[\da-f]{8}$/);
  expect(rows().map(({ entity_id, value, props }) => [entity_id, value, props])).toEqual([
    ['42', '49.99', { ticket_type: 'standing', order_record }],
    ['42', '49.99', { ticket_type: 'VIP', line: 'event:42#2', order_record }],
    ['tee', '0.01', { order_record }],
  ]);
  expect(new Set(rows().map(({ id }) => id)).size).toBe(3);
});

test('takes refunds of one order apart by refund_id, and the same one once', async () => {
  const { post, rows } = anApp();
  const refund = { ...aSale, status: 'refunded', value: 50 };
  for (const refund_id of ['r1', 'r2', 'r1', '2026/1', '2026%2F1', '5%'])
    await post('/v1/ingest/sale', { ...refund, refund_id }, bearer);

  expect(rows()).toMatchObject([
    { type: 'refund', value: '50', props: { line: 'event:42/r1' } },
    { type: 'refund', value: '50', props: { line: 'event:42/r2' } },
    { type: 'refund', value: '50', props: { line: 'event:42/2026%2F1' } },
    { type: 'refund', value: '50', props: { line: 'event:42/2026%252F1' } },
    { type: 'refund', value: '50', props: { line: 'event:42/5%' } },
  ]);
});

test('knows who bought by the order when nobody is named', async () => {
  const { rows } = await report('sale', [
    { ...aSale, user_id: undefined },
    { ...aSale, user_id: undefined, order_id: 'A-2' },
  ]);

  expect(new Set(rows().map(({ user_key }) => user_key)).size).toBe(2);
});

test('makes a scan at the door an attendance', async () => {
  const { rows } = await report('attendance', {
    ...good.attendance,
    user_id: 'u1',
    venue_id: 'v1',
    gate: 'B',
  });

  expect(rows()).toMatchObject([
    {
      type: 'attendance',
      entity_type: 'event',
      entity_id: '42',
      venue_id: 'v1',
      user_key: 'u:u1',
      props: { direction: 'entry', gate: 'B', ticket_id: 't1' },
    },
  ]);
});

test('keeps amounts and counts of nobody apart from people', async () => {
  const revenue = (await report('revenue', { ...good.revenue, event_id: '42' })).rows();
  const social = (await report('social', good.social)).rows();

  expect(revenue).toMatchObject([
    {
      type: 'custom',
      name: 'revenue',
      env: 'back_office',
      session_id: '',
      entity_type: 'event',
      entity_id: '42',
      venue_id: 'v1',
      value: '812.5',
      site_value: '812.5',
      props: { category: 'bar' },
    },
  ]);
  expect(social).toMatchObject([
    {
      type: 'custom',
      name: 'social',
      env: 'back_office',
      entity_type: 'artist',
      entity_id: 'a1',
      props: { network: 'instagram', followers: 12_000 },
    },
  ]);
});

test.each(Object.entries(good))(
  'takes a %s once, by header, by its own key, or as itself',
  async (kind, record) => {
    const { post, rows } = anApp();
    const path = `/v1/ingest/${kind}`;
    const byItself = { ...record };
    const reordered = Object.fromEntries(Object.entries(record).reverse());
    const others = [
      [{ ...record, id: 'k1' }, {}],
      [{ ...record, idempotency_key: 'k1' }, {}],
      [record, { 'Idempotency-Key': 'k1' }],
    ] as const;

    await post(path, byItself, bearer);
    await post(path, reordered, bearer);
    expect(rows()).toHaveLength(1);

    for (const [body, headers] of others) await post(path, body, { ...bearer, ...headers });
    // A sale is its order, whatever key it has.
    expect(rows()).toHaveLength(kind === 'sale' ? 1 : 2);

    await post(path, [record, { ...record, value: 7 }], { ...bearer, 'Idempotency-Key': 'list' });
    await post(path, [record, { ...record, value: 7 }], { ...bearer, 'Idempotency-Key': 'list' });
    expect(rows()).toHaveLength({ sale: 1, revenue: 4, attendance: 3, social: 3 }[kind] ?? 0);
  },
);

test.each(Object.entries(good))(
  'refuses another %s under a key that came before, and says so',
  async (kind, record) => {
    const { post, rows } = anApp();
    const path = `/v1/ingest/${kind}`;
    const later = { ...record, occurred_at: new Date(NOW - 86_400_000).toISOString() };
    const send = async (body: unknown) =>
      (await post(path, body, { ...bearer, 'Idempotency-Key': 'k1' })).json();

    const [first, same, other] = [await send(record), await send({ ...record, id: 'k1' }), await send(later)];

    const accepted = { accepted: 1, rejected: [] };
    const refused = {
      accepted: 0,
      rejected: [
        { index: 0, code: 'conflict', message: expect.stringContaining('came before with another record') },
      ],
    };
    expect([first, same, other]).toMatchObject([accepted, accepted, refused]);
    // Its neighbours live.
    const list = [later, { ...later, id: 'k2' }].map((it) => ({ id: 'k1', ...it }));
    expect(await (await post(path, list, bearer)).json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0 }],
    });
    expect(rows().filter(({ id }) => id === rows()[0]?.id)).toHaveLength(1);
  },
);

test('lets a record be corrected under its key when it was not taken', async () => {
  const { post, rows, dependencies } = anApp();
  const send = (record: object) => post('/v1/ingest/attendance', { ...record, id: 'k1' }, bearer);
  const take = dependencies.intake.take;

  await send({ ...good.attendance, occurred_at: 0 });
  dependencies.intake.take = async () => {
    throw new LogBusy();
  };
  expect((await send({ ...good.attendance, gate: 'A' })).status).toBe(503);
  dependencies.intake.take = take;
  expect(await (await send({ ...good.attendance, gate: 'B' })).json()).toEqual({ accepted: 1, rejected: [] });

  expect(rows()).toMatchObject([{ props: { gate: 'B' } }]);
});

test('takes a sale and its refund under the number of the order', async () => {
  const { post, rows } = anApp();
  for (const status of ['completed', 'refunded'])
    await post('/v1/ingest/sale', { ...aSale, id: 'A-1', status }, bearer);

  expect(rows().map(({ type }) => type)).toEqual(['purchase', 'refund']);
});

test.each([
  ['sale', { ...aSale, order_id: undefined }, '"order_id"'],
  ['sale', { ...aSale, value: undefined }, 'say what was paid'],
  ['sale', { ...aSale, valeu: 1 }, 'There is no field "valeu"'],
  ['sale', { ...aSale, occurred_at: 'today' }, 'ISO 8601'],
  ['sale', { ...aSale, currency: 'usd' }, 'ISO 4217'],
  ['sale', { ...aSale, lines: [{ price: -1e13 }] }, '"lines[0].price"'],
  ['attendance', { event_id: '42', occurred_at: at }, 'say who came'],
  ['revenue', { value: 1, occurred_at: at }, '"category"'],
  ['social', { network: 'x', followers: 1, occurred_at: at }, 'say what it is about'],
  ['social', { network: 'x', artist_id: 'a', occurred_at: at }, 'say what was counted'],
  ['sale', 17, 'JSON object'],
])('refuses a %s that lacks something, and says what: %j', async (kind, record, message) => {
  const { answer, rejected, rows } = await report(kind, [
    record,
    good[kind],
    { ...good[kind], occurred_at: 0 },
  ]);

  expect(answer).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 0, code: 'invalid', message: expect.stringContaining(message) },
      { index: 2, code: 'time_out_of_range' },
    ],
  });
  expect(rows()).toHaveLength(1);
  expect(rejected()).toHaveLength(2);
});

test('names a rejected record as its sender does', async () => {
  const { answer } = await report('sale', { ...aSale, occurred_at: '2020-01-01T00:00:00Z' });

  expect(answer).toMatchObject({
    accepted: 0,
    rejected: [{ index: 0, id: 'A-1', code: 'time_out_of_range' }],
  });
});

test.each([
  ['no key', {}, 'x', 401],
  ['a write key', { Authorization: 'Bearer wk_venue' }, 'x', 401],
  ['no JSON', bearer, '{', 400],
  ['too many', bearer, JSON.stringify(Array.from({ length: 1_001 }, () => 1)), 413],
  ['too much', bearer, `"${'x'.repeat(1_048_577)}"`, 413],
  ['too long a key', { ...bearer, 'Idempotency-Key': 'x'.repeat(201) }, '{}', 400],
])('refuses a request with %s', async (_name, headers, body, status) => {
  expect((await anApp().post('/v1/ingest/sale', body, headers as Record<string, string>)).status).toBe(
    status,
  );
});

const loose = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, '', -1, 1e300, '__proto__', at),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('json'), { maxKeys: 4 }),
  ),
})).json;

test('answers any JSON without an error of its own, and never loses a neighbour', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(RECORD_KINDS)),
      fc.array(
        fc.oneof(
          loose,
          // Nearly right: one field of a good record is anything.
          fc.tuple(
            fc.constantFrom(
              'order_id',
              'value',
              'occurred_at',
              'props',
              'lines',
              'id',
              'env',
              'user_id',
              'event_id',
              'x',
            ),
            loose,
          ),
        ),
        { maxLength: 5 },
      ),
      async (kind, changes) => {
        const { post, rows, errors } = anApp();
        const sound = {
          ...good[kind],
          event_id: 'the good one',
          order_id: undefined,
          ...(kind === 'sale' && { order_id: 'good' }),
        };
        const records = changes.map((change) =>
          Array.isArray(change) && change.length === 2 && typeof change[0] === 'string'
            ? { ...good[kind], [change[0]]: change[1] }
            : change,
        );

        const response = await post(`/v1/ingest/${kind}`, [...records, sound], bearer);

        expect(errors).toEqual([]);
        expect(response.status).toBe(202);
        const { accepted, rejected } = (await response.json()) as { accepted: number; rejected: unknown[] };
        expect(accepted + rejected.length).toBe(records.length + 1);
        expect(rows().filter(({ entity_id }) => entity_id === 'the good one')).toHaveLength(1);
      },
    ),
    { numRuns: FUZZ_CASES * 0.4 },
  );
}, 600_000);

test('takes nothing of an order that it refuses, and all of it when it is put right under the same key', async () => {
  const { post, entries, rows } = anApp();
  const purchases = () => rows().map(({ entity_id }) => entity_id);
  const keys = () => entries().filter(({ kind }) => kind === 'k');
  const report = async (second: string) => {
    const lines = [
      { event_id: '42', price: 10 },
      { event_id: second, price: 5 },
    ];
    const order = { id: 'K-1', order_id: 'A-2', occurred_at: at, lines };
    return (await post('/v1/ingest/sale', order, bearer)).json();
  };

  // Nothing is left of this id when it is clean.
  expect(await report('\u0000')).toMatchObject({ accepted: 0, rejected: [{ id: 'K-1', code: 'invalid' }] });
  expect(purchases()).toEqual([]);
  expect(keys()).toEqual([]);

  expect(await report('43')).toEqual({ accepted: 1, rejected: [] });
  expect(purchases()).toEqual(['42', '43']);
  expect(keys()).toHaveLength(1);
});

test('keeps the lines of an order in one batch, however many records come with it', async () => {
  const records = Array.from({ length: 9 }, (_, number) => ({
    order_id: `B-${number}`,
    user_id: 'u1',
    occurred_at: at,
    lines: Array.from({ length: 70 }, (_, line) => ({
      event_id: number === 7 && line === 69 ? '\u0000' : `${line}`,
      value: 1,
    })),
  }));

  const { answer, rows } = await report('sale', records);

  expect(answer).toMatchObject({ accepted: 8, rejected: [{ index: 7 }] });
  expect(rows()).toHaveLength(8 * 70);
});
