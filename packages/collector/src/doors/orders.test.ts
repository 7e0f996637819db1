import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** A whole collector, and the three who tell it of an order. */
async function aCollector() {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log: silent });
  onTestFinished(collector.close);
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${collector.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect([200, 202]).toContain(response.status);
    expect(((await response.json()) as { rejected?: object[] }).rejected ?? []).toEqual([]);
  };
  return {
    page: (purchase: object, { env = 'production', agent = BROWSER } = {}) =>
      post(
        '/v1/interactions?key=wk_demo&attempt=0',
        {
          batch_id: randomUUID(),
          visitor_id: 'ann',
          session_id: 's1',
          sdk: 'js/1.0.0',
          env,
          interactions: [
            { id: randomUUID(), type: 'purchase', occurred_at: Date.now(), currency: 'GBP', ...purchase },
          ],
        },
        { 'User-Agent': agent },
      ),
    segment: (event: string, properties: object) =>
      post('/v1/t', {
        event,
        messageId: randomUUID(),
        anonymousId: 'ann',
        properties: { currency: 'GBP', ...properties },
        writeKey: 'wk_demo',
      }),
    sale: (record: object) =>
      post(
        '/v1/ingest/sale',
        { occurred_at: Date.now(), user_id: 'u1', currency: 'GBP', ...record },
        { Authorization: `Bearer ${collector.adminToken}` },
      ),
  };
}

type Collector = Awaited<ReturnType<typeof aCollector>>;
const twice = [
  { event_id: 'P', price: 30, quantity: 2 },
  { event_id: 'P', price: 40 },
];
/** How two describe one order or one refund of it. */
const TOLD: { [name: string]: [first: string, ((it: Collector, id: string) => Promise<void>)[]] } = {
  'whole about one event, and by two lines about it': [
    '100',
    [
      ({ page }, order_id) =>
        page({ order_id, entity_type: 'event', entity_id: 'P', value: 100, quantity: 3 }),
      ({ sale }, order_id) => sale({ order_id, value: 100, lines: twice }),
    ],
  ],
  'about nothing, and about an event': [
    '40',
    [
      ({ page }, order_id) => page({ order_id, value: 40 }),
      ({ sale }, order_id) => sale({ order_id, event_id: 'P', value: 40 }),
    ],
  ],
  'by products, and about an event': [
    '40',
    [
      ({ segment }, order_id) =>
        segment('Order Completed', { order_id, revenue: 40, products: [{ product_id: 'sku-1', price: 40 }] }),
      ({ sale }, order_id) => sale({ order_id, event_id: 'P', value: 40 }),
    ],
  ],
  'as a refund of the whole, and of a line': [
    '90',
    [
      ({ segment }, order_id) => segment('Order Refunded', { order_id, total: 90 }),
      ({ sale }, order_id) => sale({ order_id, status: 'refunded', event_id: 'P', value: 90 }),
    ],
  ],
  'as a refund with a name of its own': [
    '20',
    [
      ({ segment }, order_id) => segment('Order Refunded', { order_id, total: 20, refund_id: 'r1' }),
      ({ sale }, order_id) =>
        sale({ order_id, status: 'refunded', refund_id: 'r1', event_id: 'P', value: 20 }),
    ],
  ],
};

const amount = async (id: string) => {
  const [row] = await database().query<{ amount: string }>(
    'SELECT toString(sum(value)) AS amount FROM turnout.interactions WHERE order_id = {id:String}',
    { id },
  );
  return row?.amount;
};
const countedOf = async (id: string) => {
  const [row] = await database().query<{ amount: string }>(
    "SELECT toString(sum(value)) AS amount FROM turnout.interactions WHERE order_id = {id:String} AND env = 'production' AND is_bot = 0",
    { id },
  );
  return row?.amount;
};
/** What comes last is stored last: once it is there, so is all before it. */
async function untilStored({ page }: Collector) {
  const id = `last-${randomUUID()}`;
  await page({ order_id: id, value: 1 });
  await expect.poll(() => amount(id), { timeout: 60_000 }).toBe('1');
}

for (const [name, [value, tellers]] of Object.entries(TOLD))
  test(`counts an order once that is told of ${name}`, async () => {
    const collector = await aCollector();
    for (const [order, tell] of [
      ['one way', tellers],
      ['the other way', [...tellers].reverse()],
    ] as const) {
      for (const tellOne of tell) await tellOne(collector, `${name}, ${order}, in one block`);
      for (const tellOne of tell) {
        await tellOne(collector, `${name}, ${order}, in two`);
        await untilStored(collector);
      }
      expect(await amount(`${name}, ${order}, in one block`)).toBe(value);
      expect(await amount(`${name}, ${order}, in two`)).toBe(value);
    }
    const rejected = await database().query<{ message: string }>(
      "SELECT DISTINCT message FROM turnout.rejected_interactions WHERE code = 'conflict' AND position(text, {name:String}) > 0",
      { name },
    );
    expect(rejected.length).toBeGreaterThan(0);
    for (const { message } of rejected) expect(message).toContain('an order counts as it was first reported');
    // Raw is written before its rollups are.
    await expect.poll(async () => (await verify(database())).ok, { timeout: 60_000 }).toBe(true);
  });

/** Each tells of an order of 10 in a way that no view counts. */
const LEFT_OUT: { [name: string]: (it: Collector, order: object) => Promise<void> } = {
  'a page of a staging shop': ({ page }, order) => page({ ...order, value: 10 }, { env: 'staging' }),
  'a page that a program drives': ({ page }, order) =>
    page({ ...order, value: 10 }, { agent: 'Googlebot/2.1' }),
  'the back end of a staging shop': ({ sale }, order) => sale({ ...order, value: 10, env: 'staging' }),
};

for (const [name, leftOut] of Object.entries(LEFT_OUT))
  test(`counts an order that ${name} tells of, too`, async () => {
    const collector = await aCollector();
    const isBackEnd = name.startsWith('the back end');
    const orders = ['first', 'last'].flatMap((when) =>
      ['P', undefined].map((thing) => ({ order_id: `${name} ${when}, of ${thing}`, when, thing })),
    );
    for (const turn of ['first', 'last']) {
      for (const { order_id, when, thing } of orders) {
        const entity = thing ? { entity_type: 'event', entity_id: thing } : {};
        const lines = { order_id, ...(isBackEnd ? { event_id: thing } : entity) };
        if (when === turn) await leftOut(collector, lines);
        else if (isBackEnd)
          await collector.page({ order_id, entity_type: 'event', entity_id: 'P', value: 90 });
        else await collector.sale({ order_id, event_id: 'P', value: 90 });
      }
      await untilStored(collector);
    }
    for (const { order_id } of orders) {
      expect([order_id, await countedOf(order_id)]).toEqual([order_id, '90']);
      expect([order_id, await amount(order_id)]).toEqual([order_id, '100']);
    }
  });

test('counts a line that the first teller tells of after another told of it in vain', async () => {
  const collector = await aCollector();
  const lines = [
    { event_id: 'P', price: 10 },
    { event_id: 'Q', price: 20 },
  ];
  const parts = [
    (order_id: string) => collector.page({ order_id, entity_type: 'event', entity_id: 'P', value: 10 }),
    (order_id: string) => collector.sale({ order_id, value: 30, lines }),
    (order_id: string) => collector.page({ order_id, entity_type: 'event', entity_id: 'Q', value: 20 }),
    // Reloaded.
    (order_id: string) => collector.page({ order_id, entity_type: 'event', entity_id: 'Q', value: 20 }),
  ];
  for (const tell of parts) await tell('told by turns in one block');
  for (const tell of parts) {
    await tell('told by turns in four');
    await untilStored(collector);
  }
  expect(await amount('told by turns in one block')).toBe('30');
  expect(await amount('told by turns in four')).toBe('30');
});

test('counts all that one teller says of an order, and different refunds of it', async () => {
  const collector = await aCollector();
  const order_id = 'an order in parts';
  await collector.page({ order_id, entity_type: 'event', entity_id: 'P', value: 10 });
  await collector.page({ order_id, entity_type: 'event', entity_id: 'Q', value: 5 });
  await untilStored(collector);
  await collector.page({ order_id, entity_type: 'event', entity_id: 'R', value: 1 });
  await collector.segment('Order Refunded', { order_id, total: 4, refund_id: 'r1' });
  await collector.sale({ order_id, status: 'refunded', refund_id: 'r2', event_id: 'P', value: 3 });
  await untilStored(collector);

  expect(
    await database().query(
      `SELECT toString(type) AS type, toString(sum(value)) AS amount FROM turnout.interactions
       WHERE order_id = 'an order in parts' GROUP BY type ORDER BY type`,
    ),
  ).toEqual([
    { type: 'purchase', amount: '16' },
    { type: 'refund', amount: '7' },
  ]);
});

const sold = (event_id: string, price: number, line?: string) => ({ event_id, price, line });
const ofPage = (entity_id: string, value: number, line: string) => ({
  entity_type: 'event',
  entity_id,
  value,
  props: { line },
});

/** What is told of an order, one after the other, what of it counts, and what is kept as a conflict. */
const LINES: {
  [name: string]: [counted: string, conflicts: number, ((it: Collector, order: object) => Promise<void>)[]];
} = {
  'lines of one name about two concerts': [
    '70',
    0,
    [({ sale }, order) => sale({ ...order, lines: [sold('P', 30, 'standing'), sold('Q', 40, 'standing')] })],
  ],
  'two lines of one name about one concert': [
    '70',
    0,
    [({ sale }, order) => sale({ ...order, value: 70, lines: [sold('P', 30, 'VIP'), sold('P', 40, 'VIP')] })],
  ],
  'lines of one number about two concerts, from the page': [
    '30',
    0,
    [
      ({ page }, order) => page({ ...order, ...ofPage('P', 10, '1') }),
      ({ page }, order) => page({ ...order, ...ofPage('Q', 20, '1') }),
    ],
  ],
  'products of one name about two concerts': [
    '30',
    0,
    [
      ({ segment }, order) =>
        segment('Order Completed', { ...order, products: [sold('P', 10, 'GA'), sold('Q', 20, 'GA')] }),
    ],
  ],
  'a line that only the second knows the concert of': [
    '30',
    1,
    [
      ({ page }, order) => page({ ...order, value: 30, props: { line: 'standing' } }),
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 30, 'standing')] }),
    ],
  ],
  'a line that only the first knows the concert of': [
    '30',
    1,
    [
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 30, 'standing')] }),
      ({ page }, order) => page({ ...order, value: 30, props: { line: 'standing' } }),
    ],
  ],
  'a line that both call the same': [
    '30',
    0,
    [
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 30, 'standing')] }),
      ({ page }, order) => page({ ...order, ...ofPage('P', 30, 'standing') }),
    ],
  ],
  'the second line about one concert, that both count': [
    '30',
    0,
    [
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 10), sold('P', 20)] }),
      ({ page }, order) => page({ ...order, ...ofPage('P', 20, 'event:P#2') }),
    ],
  ],
  'refunds whose names end alike': [
    '3',
    1,
    [
      ({ sale }, order) => sale({ ...order, status: 'refunded', refund_id: '2026/1', value: 1 }),
      ({ segment }, order) => segment('Order Refunded', { ...order, refund_id: '2027/1', total: 2 }),
      // The first one by other lines.
      ({ segment }, order) =>
        segment('Order Refunded', { ...order, refund_id: '2026/1', total: 1, event_id: 'P' }),
    ],
  ],
  'the whole and then its lines': [
    '90',
    2,
    [
      ({ sale }, order) => sale({ ...order, value: 90 }),
      ({ sale }, order) => sale({ ...order, value: 90, lines: [sold('P', 45), sold('Q', 45)] }),
    ],
  ],
  'another concert, after an exchange': [
    '30',
    1,
    [
      ({ sale }, order) => sale({ ...order, event_id: 'P', value: 30 }),
      ({ sale }, order) => sale({ ...order, event_id: 'Q', value: 35 }),
    ],
  ],
  'a line more, and the same record again in between': [
    '10',
    1,
    [
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 10)] }),
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 10), sold('Q', 20)] }),
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 10)], id: randomUUID(), props: { note: 'x' } }),
    ],
  ],
  'the lines in another order': [
    '30',
    0,
    [
      ({ sale }, order) => sale({ ...order, lines: [sold('P', 10), sold('Q', 20)] }),
      ({ sale }, order) => sale({ ...order, lines: [sold('Q', 20), sold('P', 10)] }),
    ],
  ],
  'other products': [
    '30',
    1,
    [
      ({ segment }, order) => segment('Order Completed', { ...order, products: [sold('P', 30)] }),
      ({ segment }, order) => segment('Order Completed', { ...order, products: [sold('Q', 35)] }),
    ],
  ],
  'refunds without a name, of one line after the other': [
    '3',
    0,
    [
      ({ sale }, order) => sale({ ...order, status: 'refunded', event_id: 'P', value: 1 }),
      ({ sale }, order) => sale({ ...order, status: 'refunded', event_id: 'Q', value: 2 }),
    ],
  ],
};

test('counts each line once, and an order as its first record described it', async () => {
  const collector = await aCollector();
  const nameIn = (name: string, blocks: string) => `${name} (${blocks})`;
  for (const [name, [, , tellers]] of Object.entries(LINES))
    for (const tell of tellers) await tell(collector, { order_id: nameIn(name, 'one block') });
  const most = Math.max(...Object.values(LINES).map(([, , tellers]) => tellers.length));
  for (let turn = 0; turn < most; turn += 1) {
    for (const [name, [, , tellers]] of Object.entries(LINES))
      await tellers[turn]?.(collector, { order_id: nameIn(name, 'several') });
    await untilStored(collector);
  }
  const conflicts = async (order: string) => {
    const [row] = await database().query<{ rows: number }>(
      `SELECT toInt32(count()) AS rows FROM turnout.rejected_interactions
       WHERE code = 'conflict' AND JSONExtractString(text, 'order_id') = {order:String}`,
      { order },
    );
    return row?.rows;
  };
  const orders = Object.entries(LINES).flatMap(([name, [counted, left]]) =>
    ['one block', 'several'].map((blocks) => [nameIn(name, blocks), counted, left] as const),
  );
  const found = () =>
    Promise.all(orders.map(async ([order]) => [order, await amount(order), await conflicts(order)]));
  // What is left out is kept after the block.
  await expect.poll(found, { timeout: 30_000 }).toEqual(orders);
  const messages = await database().query<{ message: string }>(
    `SELECT DISTINCT message FROM turnout.rejected_interactions
     WHERE JSONExtractString(text, 'order_id') LIKE 'another concert, after an exchange%'`,
  );
  expect(messages).toEqual([
    {
      message: expect.stringContaining('under an "order_id" of its own'),
    },
  ]);
});

test('rejects an order whose amount cannot be read, and takes the right report of it', async () => {
  const collector = await aCollector();
  const { segment, sale } = collector;
  await segment('Order Completed', { order_id: 'of a sign', revenue: '£60' });
  await segment('Order Completed', { order_id: 'of a comma', products: [{ event_id: 'P', price: '30,00' }] });
  await segment('Order Refunded', { order_id: 'of thousands', total: '1,000.00' });
  // What is read all the same, and what is not said.
  await segment('Order Completed', { order_id: 'as text', revenue: '', total: '60.00' });
  await segment('Order Completed', { order_id: 'by another name', revenue: 'n/a', total: 60 });
  await segment('Order Completed', { order_id: 'of nothing said', revenue: null, price: '' });
  for (const order_id of ['of a sign', 'of a comma']) await sale({ order_id, event_id: 'P', value: 60 });
  await untilStored(collector);

  for (const order of ['of a sign', 'of a comma', 'as text', 'by another name'])
    expect([order, await amount(order)]).toEqual([order, '60']);
  const rejected = () =>
    database().query(
      `SELECT code, splitByChar('"', message)[2] AS named FROM turnout.rejected_interactions
       WHERE message LIKE '%no sign of a currency%' ORDER BY named`,
    );
  await expect
    .poll(rejected, { timeout: 10_000 })
    .toEqual(['price', 'revenue', 'total'].map((named) => ({ code: 'invalid', named })));
});
