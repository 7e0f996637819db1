import { expect, test } from 'vitest';
import type { Limits } from './admission.ts';
import { DiskFull, LogBusy, LogFailed, LogFull } from './log/log.ts';
import { aBatch, aCollector, jsonOf } from './testing/collector.ts';

test.each([
  ['', 401, 'key_missing'],
  ['key=wk_wrong', 401, 'key_unknown'],
])('refuses the key of "%s", readably for the page that sent it', async (address, status, code) => {
  const response = await aCollector().post(JSON.stringify(aBatch), address, {
    Origin: 'https://elsewhere.example',
  });

  expect(response.status).toBe(status);
  expect((await jsonOf(response)).error.code).toBe(code);
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://elsewhere.example');
});

test('refuses an origin that the site does not list, and names it', async () => {
  const response = await aCollector().post(JSON.stringify(aBatch), undefined, {
    Origin: 'https://elsewhere.example',
  });

  expect(response.status).toBe(403);
  expect((await jsonOf(response)).error.message).toContain('https://elsewhere.example');
});

test('answers a preflight for a page that sends application/json', async () => {
  const { app } = aCollector();

  const response = await app.request('/v1/interactions?key=wk_demo', {
    method: 'OPTIONS',
    headers: { Origin: 'http://localhost:5173', 'Access-Control-Request-Method': 'POST' },
  });

  expect(response.status).toBe(204);
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:5173');
  expect(response.headers.get('Access-Control-Allow-Credentials')).toBe('true');
});

test('answers 405 to a browser that looks at the address of the batches', async () => {
  const response = await aCollector().app.request('/v1/interactions?key=wk_demo');

  expect(response.status).toBe(405);
  expect(response.headers.get('Allow')).toBe('POST, OPTIONS');
});

const noRoom = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test.each([
  [new LogFull('full'), 'log_full'],
  [new DiskFull('full'), 'disk_full'],
  [new LogBusy('busy'), 'log_busy'],
  [new LogFailed('failed'), 'log_failed'],
  [noRoom, 'disk_full'],
  [away, 'database_away'],
])('answers 503 with Retry-After to %s', async (error, code) => {
  const { post } = aCollector({ intake: { take: () => Promise.reject(error) } });

  const response = await post(JSON.stringify(aBatch), undefined, { Origin: 'http://localhost:5173' });

  expect(response.status).toBe(503);
  expect((await jsonOf(response)).error.code).toBe(code);
  expect(response.headers.get('Retry-After')).toBe('5');
  expect(response.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
});

test('refuses a batch before its body is read while there is no room for it', async () => {
  let isRead = false;
  const pull = (stream: ReadableStreamDefaultController) => {
    isRead = true;
    stream.close();
  };
  const body = new ReadableStream({ pull }, { highWaterMark: 0 });
  const take = () => Promise.reject(new Error('nothing may be taken'));
  const { app } = aCollector({ intake: { whyFull: () => new LogFull('full'), take } });

  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
  const begun = performance.now();
  const response = await app.request('/v1/interactions?key=wk_demo', init);

  expect(response.status).toBe(503);
  // Whoever sends on at once is slowed down.
  expect(performance.now() - begun).toBeGreaterThan(200);
  expect(isRead).toBe(false);
});

test('asks to come again while the disk fails, and tells the operator', async () => {
  const failure = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  const { post, errors } = aCollector({ userKey: () => Promise.reject(failure) });

  const response = await post(JSON.stringify(aBatch));

  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('5');
  const { error } = await jsonOf(response);
  expect(error.code).toBe('disk_failed');
  expect(error.message).not.toContain('EMFILE');
  expect(errors).toMatchObject([{ error: expect.stringContaining('EMFILE') }]);
});

test('says nothing of an unexpected error but its id, and logs the rest', async () => {
  const { post, errors } = aCollector({ userKey: () => Promise.reject(new Error('secret detail')) });

  const response = await post(JSON.stringify(aBatch));

  const { error } = await jsonOf(response);
  expect(response.status).toBe(500);
  expect(error.message).not.toContain('secret detail');
  expect(errors).toMatchObject([
    { requestId: expect.any(String), error: expect.stringContaining('secret detail') },
  ]);
  expect(error.message).toContain((errors[0] as { requestId: string }).requestId);
});

const aPatientGate: Limits = {
  countAddress: async () => 1_500,
  countKey: async () => undefined,
  usedOn: async () => 0,
  spendOn: async () => 0,
};

test('an address that sends too much waits, and its page may read for how long', async () => {
  const { app, post, taken } = aCollector({ limits: aPatientGate });

  const response = await post(JSON.stringify(aBatch), undefined, { Origin: 'http://localhost:5173' });

  expect(response.status).toBe(429);
  expect(response.headers.get('Retry-After')).toBe('2');
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:5173');
  expect((await jsonOf(response)).error.code).toBe('address_rate');
  expect(taken).toEqual([]);
  // Who asks for permission, for health or for the script sends nothing.
  expect((await app.request('/v1/interactions', { method: 'OPTIONS' })).status).toBe(204);
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/t.js')).status).toBe(200);
  expect((await app.request('/v1/whatever', { method: 'OPTIONS' })).status).toBe(404);
  expect((await app.request('/v1/whatever')).status).toBe(429);
});

test('a page that sends as to Segment may read for how long, too', async () => {
  const { app } = aCollector({ limits: aPatientGate });

  const response = await app.request('/v1/t', {
    method: 'POST',
    headers: { Origin: 'http://localhost:5173' },
    body: '{}',
  });

  expect(response.status).toBe(429);
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:5173');
});

test.each([
  ['a1b2-c3.d4_e5', true],
  ['x'.repeat(65), false],
  ['<script>', false],
  ['a b', false],
  ['', false],
])('an error carries the id %j of the proxy: %s', async (id, isTakenOver) => {
  const { app } = aCollector();

  const refused = await app.request('/nothing', { headers: { 'X-Request-Id': id } });

  expect(refused.headers.get('X-Request-Id')).toMatch(
    isTakenOver ? new RegExp(`^${id}$`) : /^[0-9a-f-]{36}$/,
  );
});

test('says where everything is to who asks for nothing', async () => {
  const refused = await aCollector().app.request('/v1/batches', { method: 'POST' });

  expect((await jsonOf(refused)).error.message).toBe(
    'There is nothing at POST /v1/batches. Batches are posted to /v1/interactions; GET /docs shows every address.',
  );
});
