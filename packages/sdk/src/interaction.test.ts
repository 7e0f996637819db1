import { expect, test } from 'vitest';
import { writeInteraction } from './interaction.ts';

const write = (type: string, details = {}) => JSON.parse(writeInteraction(type, details).text);

test('writes every detail in the words of the wire', () => {
  const interaction = write('purchase', {
    entity: 'offer:vip:2',
    name: 'n',
    list: 'l',
    position: 0,
    surface: 's',
    value: 49.5,
    currency: 'USD',
    quantity: 2,
    orderId: 'o',
    query: 'q',
    searchId: 'se',
    viewId: 'v',
    part: 0,
    durationMs: 5,
    visibleRatio: 0.5,
    experiment: 'e',
    variant: 'a',
    undo: true,
    props: { artistName: 'unchanged', nested: { when: new Date(0) } },
  });

  expect(interaction).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    type: 'purchase',
    occurred_at: expect.any(Number),
    entity_type: 'offer',
    entity_id: 'vip:2',
    name: 'n',
    list_id: 'l',
    position: 0,
    surface: 's',
    value: 49.5,
    currency: 'USD',
    quantity: 2,
    order_id: 'o',
    query: 'q',
    search_id: 'se',
    view_id: 'v',
    part: 0,
    duration_ms: 5,
    visible_ratio: 0.5,
    experiment: 'e',
    variant: 'a',
    undo: true,
    props: { artistName: 'unchanged', nested: { when: '1970-01-01T00:00:00.000Z' } },
  });
});

test('takes ids that are numbers, and amounts that are texts, for what they say', () => {
  const ids = {
    orderId: 1881,
    list: 7,
    name: 0,
    searchId: 5,
    viewId: 6,
    variant: 1,
    experiment: 2,
    query: 1999,
  };
  const amounts = { value: '49.50', quantity: ' 2 ', position: '3', visibleRatio: '.5', currency: 'gbp' };

  const { id, type, occurred_at, ...written } = write('purchase', { ...ids, ...amounts });

  expect(written).toEqual({
    ...{
      order_id: '1881',
      list_id: '7',
      name: '0',
      search_id: '5',
      view_id: '6',
      variant: '1',
      experiment: '2',
    },
    ...{ query: '1999', value: 49.5, quantity: 2, position: 3, visible_ratio: 0.5, currency: 'GBP' },
  });
});

test('does not guess what says no number: the collector tells what is wrong', () => {
  const odd = { value: '12,50', position: ' ', part: 'Infinity' };

  expect(write('purchase', { ...odd, orderId: Number.NaN })).toMatchObject(odd);
  expect(write('purchase', { quantity: '' as never })).not.toHaveProperty('quantity');
  expect(write('purchase', { orderId: Number.NaN })).not.toHaveProperty('order_id');
});

test('gives a type of your own the name of a custom interaction', () => {
  expect(write('setlist_open')).toMatchObject({ type: 'custom', name: 'setlist_open' });
});

test('keeps what was true when it was recorded', () => {
  const props = { songs: 12 };
  const { text } = writeInteraction('custom', { name: 'setlist', props });
  props.songs = 13;

  expect(JSON.parse(text).props).toEqual({ songs: 12 });
});

test.each([
  [
    'a cycle',
    () => {
      const it: { self?: unknown } = {};
      it.self = it;
      return it;
    },
  ],
  ['a BigInt', () => ({ price: 1n })],
  ['more than 8,000 characters', () => ({ text: 'x'.repeat(8_000) })],
])('keeps the interaction and leaves out props with %s', (_, props) => {
  expect(write('purchase', { value: 1, props: props() })).not.toHaveProperty('props');
});

test('leaves out an entity without a kind', () => {
  expect(write('click', { entity: '42' })).not.toHaveProperty('entity_id');
});

test('leaves out a number that JSON cannot carry', () => {
  expect(write('click', { position: Number.NaN })).not.toHaveProperty('position');
});

test('cuts long text, never through a character', () => {
  const { query } = write('search', { query: `${'x'.repeat(1_999)}🎸` });

  expect(query).toBe('x'.repeat(1_999));
});

test('makes ids that sort by age, also within a millisecond', () => {
  const ids = Array.from({ length: 500 }, () => writeInteraction('click', {}).id);

  expect([...ids].sort()).toEqual(ids);
});
