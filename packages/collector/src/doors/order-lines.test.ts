import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aCollector, amount, type Collector, database, untilStored } from './orders.test-helper.ts';

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
