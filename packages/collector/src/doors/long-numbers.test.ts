import { expect, test } from 'vitest';
import { anApp, NOW, venue } from '../testing/app.ts';
import { importLines } from './import-lines.ts';

const SECRET = { Authorization: `Bearer ${venue.secretKeys[0]}` };
const ids = ['1234567890123456788', '1234567890123456789'] as const;
const at = new Date(NOW).toISOString();

test('keeps two orders apart whose numbers JavaScript would round to one', async () => {
  const { post, rows } = anApp();
  const orders = ids.map((id) => `{"order_id":${id},"occurred_at":"${at}","event_id":${id},"value":10}`);

  const response = await post('/v1/ingest/sale', `[${orders}]`, SECRET);

  expect(await response.json()).toEqual({ accepted: 2, rejected: [] });
  expect(rows().map(({ order_id, entity_id }) => [order_id, entity_id])).toEqual(ids.map((id) => [id, id]));
});

test('keeps records apart whose keys JavaScript would round to one', async () => {
  const { post, rows } = anApp();
  const scans = ids.map((id) => `{"id":${id},"occurred_at":"${at}","event_id":"42","ticket_id":${id}}`);

  const response = await post('/v1/ingest/attendance', `[${scans}]`, SECRET);

  expect(await response.json()).toEqual({ accepted: 2, rejected: [] });
  expect(new Set(rows().map(({ id }) => id)).size).toBe(2);
});

test('keeps orders and people of Segment messages apart', async () => {
  const { post, rows } = anApp();
  const messages = ids.map(
    (id) =>
      `{"type":"track","event":"Order Completed","messageId":"${id}","userId":${id},"properties":{"order_id":${id},"revenue":5}}`,
  );

  await post('/v1/batch', `{"writeKey":"wk_venue","batch":[${messages}]}`);

  expect(rows().map(({ order_id, user_id }) => [order_id, user_id])).toEqual(ids.map((id) => [id, id]));
});

test('keeps lines of an import apart', async () => {
  const { dependencies, rows } = anApp();
  const lines = ids.map((id) => `{"id":${id},"user_id":${id},"type":"click","occurred_at":"${at}"}`);

  const answer = await importLines(dependencies, venue, lines);

  expect(answer).toEqual({ accepted: 2, rejected: [] });
  expect(new Set(rows().map(({ id }) => id)).size).toBe(2);
  expect(rows().map(({ user_id }) => user_id)).toEqual([...ids]);
});

test('refuses a number that was rounded before it came', async () => {
  const { post, rows, rejected } = anApp();

  const response = await post(
    '/v1/ingest/sale',
    `{"order_id":1.2345678901235e+18,"occurred_at":"${at}","value":10}`,
    SECRET,
  );
  await post(
    '/v1/track',
    '{"writeKey":"wk_venue","event":"Order Completed","messageId":"m","userId":"u","properties":{"order_id":1.2345678901235e+18,"revenue":5}}',
  );

  expect(await response.json()).toMatchObject({
    accepted: 0,
    rejected: [{ message: '"order_id": write it as text: so long a number is rounded on its way.' }],
  });
  expect(rows()).toEqual([]);
  expect(rejected()[1]?.message).toContain('"order_id" cannot be read');
});
