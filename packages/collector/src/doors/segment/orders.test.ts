import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { aTrack, basic, tracked } from './a-track.test-helper.ts';

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
