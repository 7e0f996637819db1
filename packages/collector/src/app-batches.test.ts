import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import bad from '../../schema/fixtures/bad.json' with { type: 'json' };
import clock from '../../schema/fixtures/clock.json' with { type: 'json' };
import good from '../../schema/fixtures/good.json' with { type: 'json' };
import { demoSite } from './sites.ts';
import { aBatch, aCollector, jsonOf } from './testing/collector.ts';

test.each(Object.entries(good))('takes the good fixture "%s" whole', async (_name, batch) => {
  const { post, rows } = aCollector();

  const response = await post(JSON.stringify(batch));

  expect(response.status).toBe(202);
  expect(await jsonOf(response)).toEqual({ accepted: batch.interactions.length, rejected: [] });
  expect(rows()).toHaveLength(batch.interactions.length);
});

test.each(Object.entries(bad))('answers the bad fixture "%s" as it says', async (_name, expected) => {
  const { post, taken } = aCollector();

  const response = await post(JSON.stringify(expected.batch));

  if ('status' in expected) {
    expect(response.status).toBe(expected.status);
    expect((await jsonOf(response)).error.message).toContain(expected.field);
    expect(taken).toEqual([]);
    return;
  }
  expect(response.status).toBe(202);
  const answer = await jsonOf(response);
  expect(answer.rejected).toMatchObject(
    expected.rejected.map(({ index, id, code }) => ({ index, id, code })),
  );
  // What is rejected is kept with its reason, and costs no neighbour.
  expect(taken.filter(({ kind }) => kind === 'r')).toHaveLength(expected.rejected.length);
  expect(answer.accepted + answer.rejected.length).toBe((expected.batch.interactions as unknown[]).length);
});

test('reads gzip by its first two bytes, whatever the headers say', async () => {
  const { post, rows } = aCollector();

  const response = await post(gzipSync(JSON.stringify(aBatch)), undefined, { 'Content-Type': 'text/plain' });

  expect(response.status).toBe(202);
  expect(rows()).toHaveLength(aBatch?.interactions.length ?? 0);
});

test('stops inflating at the limit', async () => {
  const { post } = aCollector();

  const response = await post(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')));

  expect(response.status).toBe(413);
});

test.each([
  ['{"batch_id":', 400, 'not_json'],
  ['[]', 400, 'not_a_batch'],
  [Buffer.from([0x1f, 0x8b, 1, 2, 3]), 400, 'not_gzip'],
  [' '.repeat(1_048_577), 413, 'too_large'],
])('refuses a body that is no batch', async (body, status, code) => {
  const response = await aCollector().post(body);

  expect(response.status).toBe(status);
  expect((await jsonOf(response)).error.code).toBe(code);
});

test('says of a body that is packed in another way which one is read', async () => {
  const { app } = aCollector();

  const response = await app.request('/v1/interactions?key=wk_demo', {
    method: 'POST',
    headers: { 'Content-Encoding': 'br' },
    body: new Uint8Array([0x0b, 0x02, 0x80, 0x7b, 0x7d, 0x03]),
  });

  expect(response.status).toBe(400);
  expect((await jsonOf(response)).error).toEqual({
    code: 'encoding_unknown',
    message: 'The body is packed as "br", which is not read here. Send plain JSON, or gzip.',
  });
});

test.each([
  ['0', 'i'],
  ['1', 'd'],
  ['', 'd'],
  ['nonsense', 'd'],
])('marks what attempt=%s brings for a look-up when it may be a repetition', async (attempt, kind) => {
  const { post, taken } = aCollector();
  const batch = { ...aBatch, interactions: aBatch?.interactions.slice(0, 1) };

  await post(JSON.stringify(batch), `key=wk_demo&attempt=${attempt}&sent_at=${clock.sent_at}`);

  expect(taken.map((entry) => entry.kind)).toEqual([kind]);
});

test('stores what was recorded under a clock that ran ahead, and was put right, as of the moment it came', async () => {
  const { post, rows } = aCollector();
  const occurred_at = clock.received_at + 3_600_000;
  const batch = {
    ...aBatch,
    batch_id: '019b7800-0000-7000-8000-000000000001',
    interactions: aBatch?.interactions.slice(0, 1).map((it) => ({ ...it, occurred_at })),
  };

  const response = await post(JSON.stringify(batch));

  expect(await jsonOf(response)).toEqual({ accepted: 1, rejected: [] });
  const utc = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
  expect(rows()).toMatchObject([{ ts: utc(clock.received_at), occurred_at: utc(occurred_at) }]);
});

test('marks what comes from someone who says nothing of attempts for a look-up', async () => {
  const { post, taken } = aCollector();

  await post(JSON.stringify({ ...aBatch, interactions: aBatch?.interactions.slice(0, 1) }), 'key=wk_demo');

  expect(taken.map((entry) => entry.kind)).toEqual(['d']);
});

test('never stores the address of the sender', async () => {
  const { post, taken } = aCollector({ addressOf: () => '203.0.113.77' });

  await post(JSON.stringify(aBatch), undefined, { 'X-Forwarded-For': '203.0.113.77' });

  expect(JSON.stringify(taken)).not.toContain('203.0.113.77');
});

test('counts what a browser dropped once, also when the batch that says so comes again', async () => {
  const counted: [site: string, interactions: number][] = [];
  const seen = new Set<string>();
  const { post } = aCollector({
    metrics: {
      accepted() {},
      duplicates() {},
      rejected() {},
      warned() {},
      dropped: (...count) => void counted.push(count),
    },
    intake: {
      async take(entries) {
        const duplicates = entries.filter(({ key }) => seen.has(key)).length;
        for (const { key } of entries) seen.add(key);
        return { duplicates };
      },
    },
  });
  const batch = JSON.stringify(good['after a queue ran full']);

  await post(batch);
  await post(batch, `key=wk_demo&attempt=1&sent_at=${clock.sent_at}`);
  await post(JSON.stringify(good['the smallest batch']));

  expect(counted).toEqual([[demoSite.id, 12]]);
});
