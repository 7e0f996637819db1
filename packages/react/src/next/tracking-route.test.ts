// biome-ignore-all lint/style/noRestrictedImports: this runs on the app's server, and so does what it tests.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTrackingRoute } from './tracking-route.ts';

interface Heard {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

let server: Server;
let upstream: string;
let heard: Heard[];
let answer: (response: ServerResponse) => void;
beforeEach(async () => {
  heard = [];
  answer = (response) =>
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"accepted":1}');
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    heard.push({ method, url, headers, body: Buffer.concat(chunks) });
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const context = (path: string) => ({ params: Promise.resolve({ path: path.split('/') }) });
const post = (body: BodyInit, headers: HeadersInit = {}, query = '?key=wk_demo&attempt=1&sent_at=5') =>
  new Request(`https://app.example.com/t/v1/interactions${query}`, { method: 'POST', body, headers });

test('passes bytes, query and what the browser says of itself, and nothing else', async () => {
  const { POST } = createTrackingRoute({ upstream: `${upstream}/` });
  const bytes = Buffer.from([0x1f, 0x8b, 0, 255, 10]);

  const response = await POST(
    post(bytes, {
      'content-type': 'text/plain;charset=UTF-8',
      'user-agent': 'Firefox',
      origin: 'https://app.example.com',
      'x-forwarded-for': '203.0.113.7',
      'sec-gpc': '1',
      cookie: 'session=secret',
      authorization: 'Bearer secret',
    }),
    context('v1/interactions'),
  );

  expect([response.status, await response.text()]).toEqual([202, '{"accepted":1}']);
  expect(response.headers.get('content-type')).toBe('application/json');
  const [request] = heard;
  expect(request?.url).toBe('/v1/interactions?key=wk_demo&attempt=1&sent_at=5');
  expect(request?.body).toEqual(bytes);
  expect(request?.headers).toMatchObject({
    'content-type': 'text/plain;charset=UTF-8',
    'user-agent': 'Firefox',
    origin: 'https://app.example.com',
    'x-forwarded-for': '203.0.113.7',
    'sec-gpc': '1',
  });
  expect(request?.headers).not.toHaveProperty('cookie');
  expect(request?.headers).not.toHaveProperty('authorization');
});

test('hands on what the collector asks for', async () => {
  answer = (response) => response.writeHead(429, { 'retry-after': '7', 'set-cookie': 'a=b' }).end();
  const { POST } = createTrackingRoute({ upstream });

  const response = await POST(post('{}'), context('v1/interactions'));

  expect([response.status, response.headers.get('retry-after'), response.headers.get('set-cookie')]).toEqual([
    429,
    '7',
    null,
  ]);
});

test('streams a script', async () => {
  let end = () => {};
  answer = (response) => {
    response
      .writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=60' })
      .write('first');
    end = () => response.end('last');
  };
  const { GET } = createTrackingRoute({ upstream });

  const response = await GET(new Request('https://app.example.com/t/t.js'), context('t.js'));
  const reader = response.body?.getReader();
  const first = await reader?.read();
  end();
  const last = await reader?.read();

  expect([first?.value, last?.value].map((bytes) => new TextDecoder().decode(bytes))).toEqual([
    'first',
    'last',
  ]);
  expect(response.headers.get('cache-control')).toBe('max-age=60');
});

test.each(['t-all.js', 't-0.1.0.js', 't-all-1.0.0-beta.1.js'])('serves the script %s', async (file) => {
  answer = (response) => response.writeHead(200, { 'content-type': 'text/javascript' }).end('script');
  const { GET } = createTrackingRoute({ upstream });

  const response = await GET(new Request(`https://app.example.com/t/${file}`), context(file));

  expect([response.status, await response.text()]).toEqual([200, 'script']);
  expect(heard[0]?.url).toBe(`/${file}`);
});

test.each(['metrics', 'v1/catalog', 'v1/../metrics', 'v1/interactions/../catalog', '', '../secret'])(
  'leads nowhere else in the collector: %s',
  async (path) => {
    const { GET, POST } = createTrackingRoute({ upstream });

    expect((await POST(post('{}'), context(path))).status).toBe(404);
    expect((await GET(new Request('https://app.example.com/t/x'), context(path))).status).toBe(404);
    expect(heard).toEqual([]);
  },
);

test('refuses what is larger than the collector takes', async () => {
  const { POST } = createTrackingRoute({ upstream });

  expect((await POST(post(Buffer.alloc(1_048_577)), context('v1/interactions'))).status).toBe(413);
  expect((await POST(post(Buffer.alloc(1_048_576)), context('v1/interactions'))).status).toBe(202);
  expect(heard).toHaveLength(1);
});

test('tells the browser to come back when the collector does not answer', async () => {
  answer = () => {};
  const slow = createTrackingRoute({ upstream, timeoutMs: 50 });
  const gone = createTrackingRoute({ upstream: 'http://127.0.0.1:1' });

  for (const { POST } of [slow, gone]) {
    const response = await POST(post('{}'), context('v1/interactions'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  }
});

test('says what an upstream is', () => {
  expect(() => createTrackingRoute({ upstream: '/stats' })).toThrow(
    'createTrackingRoute: "upstream" cannot be "/stats". Pass the address of your collector, such as "https://stats.example.com".',
  );
});
