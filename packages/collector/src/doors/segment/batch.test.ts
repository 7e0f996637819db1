import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { aTrack, at, basic } from './a-track.test-helper.ts';

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

test('refuses a short batch whose orders would repeat a long page in thousands of rows', async () => {
  const page = (length: number) => ({ page: { url: 'x'.repeat(length), title: 'x'.repeat(length) } });
  const order = (at: number) =>
    aTrack(
      'Order Completed',
      { order_id: `A-${at}`, products: Array(100).fill({}) },
      { messageId: `m${at}` },
    );
  const batch = Array.from({ length: 30 }, (_, at) => order(at));

  const { post, rows } = anApp();
  const [refused, taken] = [
    await post('/v1/batch', { batch, context: page(2_000) }, basic('wk_demo')),
    await post('/v1/batch', { batch, context: page(200) }, basic('wk_demo')),
  ];

  expect([refused.status, taken.status]).toEqual([413, 200]);
  expect(rows()).toHaveLength(3_000);
});
