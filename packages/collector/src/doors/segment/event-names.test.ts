import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tracked } from './a-track.test-helper.ts';
import { EVENT_NAMES } from './event-names.ts';

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
