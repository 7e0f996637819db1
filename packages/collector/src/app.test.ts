import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import bad from '../../schema/fixtures/bad.json' with { type: 'json' };
import clock from '../../schema/fixtures/clock.json' with { type: 'json' };
import good from '../../schema/fixtures/good.json' with { type: 'json' };
import type { Limits } from './admission.ts';
import { createApp } from './app.ts';
import type { CollectorDependencies } from './dependencies.ts';
import type { LogEntry } from './intake.ts';
import { DiskFull, LogBusy, LogFailed, LogFull } from './log/log.ts';
import { demoSite } from './sites.ts';

function aCollector(overrides: Partial<CollectorDependencies> = {}) {
  const taken: LogEntry[] = [];
  const errors: object[] = [];
  const app = createApp({
    sites: () => [demoSite],
    intake: {
      async take(entries) {
        taken.push(...entries);
        return { duplicates: 0 };
      },
    },
    userKey: async () => '17',
    addressOf: () => '127.0.0.1',
    metrics: { accepted() {}, duplicates() {}, rejected() {}, warned() {}, dropped() {} },
    script: async (name) => {
      if (!['t.js', 't-debug.js', 't-0.1.0.js'].includes(name)) return undefined;
      return {
        isImmutable: name === 't-0.1.0.js',
        body: `/* ${name} */`,
        packed: {
          br: new TextEncoder().encode('packed with br'),
          gzip: new TextEncoder().encode('packed with gzip'),
        },
        etag: '"abc"',
      };
    },
    readiness: async () => ({ ready: false, checks: { migrations: 'not applied yet' } }),
    mayReadMetrics: () => true,
    renderMetrics: async () => 'turnout_accepted_total 0\n',
    log: { error: (details) => errors.push(details) },
    now: () => clock.received_at,
    ...overrides,
  });
  const post = (
    body: string | Uint8Array<ArrayBuffer>,
    address = `key=wk_demo&attempt=0&sent_at=${clock.sent_at}`,
    headers: Record<string, string> = {},
  ) => app.request(`/v1/interactions?${address}`, { method: 'POST', body, headers });
  return {
    app,
    post,
    taken,
    errors,
    rows: () => taken.filter(({ kind }) => kind !== 'r').map(({ json }) => JSON.parse(json)),
  };
}

/** Whatever an answer may hold. */
interface AnyAnswer {
  accepted: number;
  rejected: unknown[];
  error: { code: string; message: string };
  checks: Record<string, string>;
}
const jsonOf = async (response: Response) => (await response.json()) as AnyAnswer;

const aBatch = Object.values(good)[0];

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

const noRoom = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test.each([
  new LogFull('full'),
  new DiskFull('full'),
  new LogBusy('busy'),
  new LogFailed('failed'),
  noRoom,
  away,
])('answers 503 with Retry-After to %s', async (error) => {
  const { post } = aCollector({ intake: { take: () => Promise.reject(error) } });

  const response = await post(JSON.stringify(aBatch), undefined, { Origin: 'http://localhost:5173' });

  expect(response.status).toBe(503);
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(response.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
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

test('marks what comes from someone who says nothing of attempts for a look-up', async () => {
  const { post, taken } = aCollector();

  await post(JSON.stringify({ ...aBatch, interactions: aBatch?.interactions.slice(0, 1) }), 'key=wk_demo');

  expect(taken.map((entry) => entry.kind)).toEqual(['d']);
});

test('answers 405 to a browser that looks at the address of the batches', async () => {
  const response = await aCollector().app.request('/v1/interactions?key=wk_demo');

  expect(response.status).toBe(405);
  expect(response.headers.get('Allow')).toBe('POST, OPTIONS');
});

test.each(['br', 'gzip'] as const)('serves the script packed with %s to whom it helps', async (encoding) => {
  const { app } = aCollector();

  const packed = await app.request('/t.js', { headers: { 'Accept-Encoding': `deflate, ${encoding}` } });

  expect(packed.headers.get('Content-Encoding')).toBe(encoding);
  expect(packed.headers.get('Vary')).toContain('Accept-Encoding');
  expect(await packed.text()).toBe(`packed with ${encoding}`);
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

test('serves the script with a tag to revalidate by', async () => {
  const { app } = aCollector();

  const first = await app.request('/t.js');
  const again = await app.request('/t.js', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } });

  expect(await first.text()).toBe('/* t.js */');
  expect(first.headers.get('Content-Type')).toContain('text/javascript');
  expect(again.status).toBe(304);
});

test.each([
  ['/t.js', 'public, max-age=3600'],
  ['/t-debug.js', 'public, max-age=3600'],
  ['/t-0.1.0.js', 'public, max-age=31536000, immutable'],
])('lets %s be kept as long as it stays the same', async (path, cache) => {
  const response = await aCollector().app.request(path);

  expect(await response.text()).toBe(`/* ${path.slice(1)} */`);
  expect(response.headers.get('Cache-Control')).toBe(cache);
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*');
});

test.each(['/t-9.9.9.js', '/t-../../etc/passwd.js', '/app.js'])('has nothing at %s', async (path) => {
  expect((await aCollector().app.request(path)).status).toBe(404);
});

test('tells healthy from ready, and what is missing', async () => {
  const { app } = aCollector();

  expect((await app.request('/healthz')).status).toBe(200);
  const readyz = await app.request('/readyz');
  expect(readyz.status).toBe(503);
  expect((await jsonOf(readyz)).checks.migrations).toBe('not applied yet');
  expect(await (await app.request('/metrics')).text()).toContain('turnout_accepted_total');
  expect((await app.request('/nothing')).status).toBe(404);
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

test('every answer keeps browsers from guessing, and what is no page from being one', async () => {
  const { app, post } = aCollector();
  const answers = [
    await post(JSON.stringify(aBatch)),
    await post('no batch'),
    await app.request('/healthz'),
    await app.request('/readyz'),
    await app.request('/metrics'),
    await app.request('/nothing'),
  ];

  for (const { headers } of answers) {
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('Strict-Transport-Security')).toBeNull();
  }
});

test('a page that is served beside the collector says itself what it loads', async () => {
  const { app } = aCollector();
  app.get('/index.html', (c) => c.html('<script src="/t.js"></script>'));

  const { headers } = await app.request('/index.html');

  expect(headers.get('Content-Security-Policy')).toBeNull();
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
});

test('who came by https is told to stay there', async () => {
  const { app } = aCollector({ isHttps: () => true });

  expect((await app.request('/t.js')).headers.get('Strict-Transport-Security')).toBe('max-age=31536000');
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

test('the figures are for whom the surroundings let in, and otherwise for nobody', async () => {
  const open = await aCollector().app.request('/metrics');
  const closed = await aCollector({ mayReadMetrics: () => false }).app.request('/metrics');

  expect(open.status).toBe(200);
  expect(closed.status).toBe(401);
  expect((await jsonOf(closed)).error.message).toContain('TURNOUT_METRICS_TOKEN');
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

test('says where everything is to who asks for nothing', async () => {
  const refused = await aCollector().app.request('/v1/batches', { method: 'POST' });

  expect((await jsonOf(refused)).error.message).toBe(
    'There is nothing at POST /v1/batches. Batches are posted to /v1/interactions; GET /docs shows every address.',
  );
});
