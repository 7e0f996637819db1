import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { aCollector, amount, type Collector, database, untilStored } from './orders.test-helper.ts';

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

const countedOf = async (id: string) => {
  const [row] = await database().query<{ amount: string }>(
    "SELECT toString(sum(value)) AS amount FROM turnout.interactions WHERE order_id = {id:String} AND env = 'production' AND is_bot = 0",
    { id },
  );
  return row?.amount;
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
