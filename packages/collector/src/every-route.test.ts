import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openCollector, readConfig } from './node.ts';
import { FUZZ_CASES } from './testing/app.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine } = anEngineForThisFile();

const SECRET_KEY = 'sk_0123456789abcdef01234567';
const ADMIN_TOKEN = 'the admin token';
/** The codes of a 503 that tell a sender to come again. */
const PASSING = new Set(['log_full', 'disk_full', 'log_failed', 'training', 'watched', 'busy', 'draining']);
const MAX_PROBLEM_LENGTH = 4_000;
/** What these do with the right token takes the database a while: it is shown in few of their cases. */
const IS_SLOW = /\/(admin\/(?!import)|privacy\/)/;

/** A whole collector: a route that is added is in `routes`, and so in this test. */
async function aCollector() {
  const folder = await aFolder();
  const file = join(folder, 'sites.json');
  const site = { time_zone: 'Europe/London', currency: 'GBP', origins: ['https://venue.example'] };
  const sites = [{ ...site, id: 'venue', write_keys: ['wk_demo'], secret_keys: [SECRET_KEY] }];
  await writeFile(file, JSON.stringify({ sites }));
  const errors: object[] = [];
  const collector = await openCollector(
    readConfig(
      { port: '0', dataDir: folder },
      {
        TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${new URL(engine().url()).host}`,
        TURNOUT_SITES: file,
        TURNOUT_ADMIN_TOKEN: ADMIN_TOKEN,
        TURNOUT_ADDRESS_RATE: '0',
        TURNOUT_TRUSTED_PROXIES: '1',
      },
    ),
    { log: { info() {}, warn: (details) => errors.push(details), error: (details) => errors.push(details) } },
  );
  onTestFinished(collector.close);
  await expect
    .poll(async () => (await collector.app.request('/readyz')).status, { timeout: 60_000 })
    .toBe(200);
  const routes = new Set(collector.app.routes.map(({ method, path }) => `${method} ${path}`));
  return { app: collector.app, routes: [...routes].sort(), errors };
}

/** What is told to who watches never ends. */
async function textOf(response: Response, path: string): Promise<string> {
  if (!response.ok || path !== '/v1/admin/tail') return response.text();
  await response.body?.cancel();
  return '';
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const loose = fc.jsonValue({ maxDepth: 4 });
const any = <Value>(...likely: Value[]) => fc.oneof(fc.constantFrom(...likely), loose);
const interaction = fc.record(
  {
    id: fc.oneof(fc.uuid(), loose),
    type: any('click', 'view', 'purchase', 'custom', 'identify'),
    occurred_at: fc.oneof(
      fc.integer({ min: -5, max: 5 }).map((minutes) => Date.now() + minutes * 60_000),
      loose,
    ),
    entity_type: any('event'),
    entity_id: any('e1'),
    value: any(1, -1),
    props: loose,
    query: fc.string({ unit: 'binary' }),
    // What doors beside the wire call things.
    messageId: any('m'),
    anonymousId: any('a'),
    visitor_id: any('v'),
    event: any('Product Viewed', 'Order Completed'),
    properties: any({ products: [{}] }),
    order_id: any('o'),
    category: any('bar'),
    network: any('mastodon'),
    user_id: any('u'),
    birth_year: any(1990),
    name: any('n'),
  },
  { requiredKeys: [] },
);
const json = fc.oneof(
  loose,
  interaction,
  fc.array(interaction, { maxLength: 4 }),
  fc.record({ batch: fc.oneof(fc.array(interaction, { maxLength: 4 }), loose) }),
  fc.record({ ids: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), loose) }),
  fc.record(
    {
      batch_id: fc.oneof(fc.uuid(), loose),
      visitor_id: any('v'),
      session_id: any('s'),
      user_id: any('u'),
      cookieless: any(true),
      dropped: any(3),
      env: any('test'),
      contexts: fc.oneof(fc.array(loose, { maxLength: 2 }), loose),
      interactions: fc.oneof(fc.array(interaction, { maxLength: 4 }), loose),
    },
    { requiredKeys: ['interactions'] },
  ),
);
const plain = fc.oneof(
  { weight: 4, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value))) },
  {
    weight: 1,
    arbitrary: fc
      .array(json, { maxLength: 3 })
      .map((lines) => Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'))),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);
const body = fc.oneof(
  plain,
  plain.map((bytes) => gzipSync(bytes)),
  plain.map((bytes) => gzipSync(bytes).subarray(0, -5)),
);
const latin = fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) });
const headers = fc.dictionary(
  fc.constantFrom(
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'Content-Length',
    'Origin',
    'Host',
    'User-Agent',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Request-Id',
    'Idempotency-Key',
    'If-None-Match',
    'Accept-Encoding',
    'Accept-Language',
    'Cookie',
    'Range',
    'Access-Control-Request-Method',
    'Access-Control-Request-Headers',
  ),
  fc.oneof(
    latin,
    fc.constantFrom(
      'https://venue.example',
      'gzip',
      'application/json',
      '203.0.113.7',
      'Basic %%%',
      `Basic ${btoa('wk_demo:')}`,
      '-1',
      '1e999',
    ),
  ),
  { maxKeys: 5 },
);
const word = fc.oneof(
  latin,
  fc.string(),
  fc.constantFrom('wk_demo', '0', '1', '-1', 'NaN', '1e999', 'true', 'venue', '253402300799000'),
);
const query = fc.dictionary(
  fc.constantFrom(
    ...['key', 'attempt', 'sent_at', 'site', 'days', 'repair', 'x', '__proto__'],
    ...['from', 'limit', 'order', 'columns', 'after', 'event_id', 'grain'],
  ),
  word,
  { maxKeys: 4 },
);
const segment = fc.oneof(
  fc.constantFrom('t.js', 'event_daily', 'wk_demo', '%', '%ff', '%00', '..%2f..', 't-0.0.js', ''),
  fc.string().map(encodeURIComponent),
);

test(`answers ${FUZZ_CASES} requests of any kind to every route, and never with an error of its own`, {
  timeout: 60_000 + FUZZ_CASES * 60,
}, async () => {
  const { app, routes, errors } = await aCollector();
  const tried = new Set<string>();
  const statuses = new Set<number>();

  await fc.assert(
    fc.asyncProperty(
      fc.record({
        route: fc.constantFrom(...routes),
        otherMethod: fc.option(fc.constantFrom(...METHODS), { freq: 5 }),
        // One number decides what is shown, so that what is slow can be done seldom.
        luck: fc.nat(99),
        headers,
        query,
        segment,
        body,
      }),
      async ({ route, otherMethod, luck, headers, query, segment, body }) => {
        const [own = '', pattern = ''] = route.split(' ');
        const method = otherMethod ?? (own === 'ALL' ? 'POST' : own);
        const path = pattern.replace(/\/:\w+(\{.*?\}(?=\/|$))?/g, `/${segment}`).replace('*', segment);
        const isShown = luck < (IS_SLOW.test(path) ? 3 : 80);
        const token = luck % 2 === 0 || IS_SLOW.test(path) ? ADMIN_TOKEN : SECRET_KEY;
        const request = {
          method,
          headers: {
            ...headers,
            ...(isShown && !pattern.startsWith('/v1/b') ? { Authorization: `Bearer ${token}` } : {}),
          },
          ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
        };
        // A question takes no key, and would hear of nothing else.
        const isWriting = isShown && !path.startsWith('/v1/query');
        const search = new URLSearchParams({ ...query, ...(isWriting ? { key: 'wk_demo' } : {}) });

        const response = await app.request(`http://collector.example${path}?${search}`, request);

        const text = await textOf(response, path);
        tried.add(route);
        statuses.add(response.status);
        expect(errors).toEqual([]);
        // What is missing is listed there, and no problem of the request.
        if (response.status < 400 || (path === '/readyz' && response.status === 503)) return;
        if (method !== 'HEAD') {
          const { error } = JSON.parse(text) as { error: { code: string; message: string } };
          expect(error).toEqual({
            code: expect.stringMatching(/^[a-z_]+$/),
            message: expect.stringMatching(/\S/),
          });
          expect(text.length).toBeLessThan(MAX_PROBLEM_LENGTH);
          if (response.status === 503) expect(PASSING).toContain(error.code);
        }
        expect([400, 401, 403, 404, 405, 413, 429, 503]).toContain(response.status);
      },
    ),
    { numRuns: FUZZ_CASES },
  );

  // The neighbour of all that: a batch as the tracker sends it.
  const id = randomUUID();
  const sound = {
    batch_id: randomUUID(),
    visitor_id: 'fan',
    session_id: 's',
    interactions: [{ id, type: 'page_view', occurred_at: Date.now() }],
  };
  const answer = await app.request('/v1/interactions?key=wk_demo&attempt=0', {
    method: 'POST',
    body: JSON.stringify(sound),
  });
  expect(await answer.json()).toEqual({ accepted: 1, rejected: [] });
  if (FUZZ_CASES < 5_000) return;
  expect([...tried].sort()).toEqual(routes);
  // They came as far as that, and were not all sent away at the door.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 202, 204, 400, 401, 404, 405]));
});
