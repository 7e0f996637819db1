import { expect, test } from 'vitest';
import { DiskFull } from '../../log/log.ts';
import { anApp } from '../../testing/app.ts';
import { aTrack, basic } from './a-track.test-helper.ts';
import { SEGMENT_BATCHES, SEGMENT_CALLS } from './routes.ts';

test.each([...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES])(
  'takes a message at %s by Basic auth, by writeKey, and from a page',
  async (path) => {
    const message = {
      ...aTrack('Any', {}, { previousId: 'ann', userId: 'u1', groupId: 'g1', traits: {} }),
    };
    const isBatch = (SEGMENT_BATCHES as readonly string[]).includes(path);
    const body = isBatch ? { batch: [message] } : message;

    for (const [sent, headers] of [
      [body, basic('wk_demo')],
      [{ ...body, writeKey: 'wk_demo' }, {}],
      [
        { ...body, writeKey: 'wk_demo' },
        { Origin: 'http://localhost:3000', 'Content-Type': 'text/plain' },
      ],
    ] as const) {
      const { post, rows } = anApp();
      const response = await post(path, sent, headers);

      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ success: true });
      expect(rows()).toHaveLength(1);
      if ('Origin' in headers)
        expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:3000');
    }
  },
);

test('takes batches where the client for Ruby sends them', async () => {
  const { post, rows } = anApp();

  for (const path of ['/v1/import', '/v1/import/'])
    expect((await post(path, { batch: [aTrack(path)] }, basic('wk_demo'))).status).toBe(200);

  expect(rows()).toHaveLength(2);
});

test('answers a preflight with the headers that browser clients send', async () => {
  const { app } = anApp();

  const response = await app.request('/v1/t', {
    method: 'OPTIONS',
    headers: { Origin: 'http://localhost:3000' },
  });

  expect(response.status).toBe(204);
  expect(response.headers.get('Access-Control-Allow-Headers')).toContain('Authorization');
  expect(response.headers.get('Access-Control-Allow-Headers')).toContain('X-Retry-Count');
});

test.each([
  ['no JSON', '{', basic('wk_demo'), 400],
  ['no object', '[]', basic('wk_demo'), 400],
  ['no batch', '{"batch":1}', basic('wk_demo'), 400],
  ['no key', '{"batch":[]}', {}, 401],
  ['another key', '{"batch":[]}', basic('wk_wrong'), 401],
  ['a broken header', '{"batch":[]}', { Authorization: 'Basic %' }, 401],
  ['another origin', '{"batch":[]}', { ...basic('wk_demo'), Origin: 'https://elsewhere.example' }, 403],
  ['too much', `{"batch":["${'x'.repeat(512_000)}"]}`, basic('wk_demo'), 413],
])('refuses a batch with %s', async (_name, body, headers, status) => {
  expect((await anApp().post('/v1/batch', body, headers as Record<string, string>)).status).toBe(status);
});

test('asks to come again when nothing can be stored, so that clients retry', async () => {
  const { post } = anApp({
    intake: {
      take: async () => {
        throw new DiskFull('full');
      },
    },
  });

  const response = await post('/v1/t', aTrack('Any'), basic('wk_demo'));

  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('5');
});

test('tells a browser client to send here', async () => {
  const { app } = anApp();

  const response = await app.request('http://127.0.0.1:8787/v1/projects/wk_demo/settings');

  expect(await response.json()).toMatchObject({
    integrations: { 'Segment.io': { apiKey: 'wk_demo', apiHost: '127.0.0.1:8787/v1', protocol: 'http' } },
  });
  expect((await app.request('/v1/projects/<b>/settings')).status).toBe(404);
});
