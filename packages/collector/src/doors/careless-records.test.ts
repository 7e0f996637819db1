import { expect, test } from 'vitest';
import { anApp, NOW, venue } from '../testing/app.ts';

const at = new Date(NOW).toISOString();
const send = (collector: ReturnType<typeof anApp>, body: unknown, word = 'Bearer') =>
  collector.post('/v1/ingest/sale', body, { Authorization: `${word} ${venue.secretKeys[0]}` });

test('takes null for what is not there, as many languages write it, and knows the same record without it', async () => {
  const collector = anApp();
  const sale = { occurred_at: at, order_id: 'A-1', value: 10, lines: [{ event_id: '42' }] };
  const scan = { occurred_at: at, event_id: '42', ticket_id: 't1' };

  const answers = [
    await send(collector, {
      ...sale,
      user_id: null,
      currency: null,
      props: null,
      lines: [{ event_id: '42', quantity: null }],
    }),
    await send(collector, { ...sale, lines: null, order_id: 'A-2' }),
    await collector.post('/v1/ingest/attendance', scan, { Authorization: `bearer ${venue.secretKeys[0]}` }),
    await collector.post(
      '/v1/ingest/attendance',
      { ...scan, gate: null },
      { Authorization: `bearer ${venue.secretKeys[0]}` },
    ),
  ];

  for (const answer of answers) expect(await answer.json()).toEqual({ accepted: 1, rejected: [] });
  expect(collector.rows().map(({ type, order_id }) => order_id ?? type)).toEqual([
    'A-1',
    'A-2',
    'attendance',
  ]);
});

test('keeps nothing that tells who somebody is of what it refuses: nobody could have it erased', async () => {
  const collector = anApp();

  await send(collector, {
    order_id: 'A-1',
    occurred_at: 'yesterday',
    email: 'ann@fans.example',
    customer: { fullName: 'Ann Fan', contacts: [{ phone_number: '555' }], city: 'Leeds' },
    props: { buyer: 'Ann Fan' },
  });
  await collector.post('/v1/batch', {
    writeKey: 'wk_venue',
    batch: [[{ userId: 'ann' }], { type: 'trak', email: 'ann@fans.example', messageId: 'm-1' }],
  });

  expect(collector.rejected().map(({ text }) => text)).toEqual([
    `{"order_id":"A-1","occurred_at":"yesterday","customer":{"contacts":[{}],"city":"Leeds"}}`,
    '[{}]',
    '{"type":"trak","messageId":"m-1"}',
  ]);
});
