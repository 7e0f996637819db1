import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from './node.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aGeoFile } from './testing/geo-file.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A whole collector behind one proxy, which is the test itself. */
async function aCollector(env: NodeJS.ProcessEnv = {}) {
  const folder = await aFolder();
  const file = join(folder, 'sites.json');
  const site = { id: 'club', time_zone: 'Europe/London', currency: 'GBP', origins: [] };
  const writeKeys = [
    'wk_club',
    { key: 'wk_slow', rate: 1 },
    { key: 'wk_small', name: 'poster', daily_quota: 3 },
  ];
  await writeFile(file, JSON.stringify({ sites: [{ ...site, write_keys: writeKeys }] }));
  const logged: unknown[] = [];
  const say = (...entry: unknown[]) => void logged.push(entry);
  const config = readConfig(
    { port: '0', dataDir: folder },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${new URL(engine().url()).host}`,
      TURNOUT_SITES: file,
      TURNOUT_TRUSTED_PROXIES: '1',
      ...env,
    },
  );
  const collector = await startCollector(config, { log: { info: say, warn: say, error: say } });
  onTestFinished(collector.close);
  /** As the health checks of HAProxy ask. */
  const askPlainly = (path: string) =>
    new Promise<string>((resolve) => {
      const { hostname, port } = new URL(collector.url);
      const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.0\r\n\r\n`));
      socket.once('data', (data) => resolve(/^HTTP\/1\.1 (\d+)/.exec(String(data))?.[1] ?? ''));
      onTestFinished(() => void socket.destroy());
    });
  const post = (
    entityId: string,
    forwardedFor?: string,
    { key = 'wk_club', headers = {}, interactions = 1 } = {},
  ) =>
    fetch(`${collector.url}/v1/interactions?key=${key}&attempt=0`, {
      method: 'POST',
      headers: { ...(forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }), ...headers },
      body: JSON.stringify({
        batch_id: randomUUID(),
        cookieless: true,
        interactions: Array.from({ length: interactions }, () => ({
          id: randomUUID(),
          type: 'click',
          occurred_at: Date.now(),
          entity_type: 'event',
          entity_id: entityId,
        })),
      }),
    });
  const rowsOf = <Row>(columns: string, like: string) =>
    database().query<Row>(
      `SELECT ${columns} FROM turnout.interactions WHERE entity_id LIKE {like:String} ORDER BY entity_id`,
      { like },
    );
  return { ...collector, askPlainly, post, rowsOf, logged };
}

const statusesOf = (responses: Response[]) => responses.map(({ status }) => status);

test('a network that sends too much waits alone, and this machine never does', async () => {
  const { post, url } = await aCollector({ TURNOUT_ADDRESS_RATE: '1' });

  const flood = await Promise.all(
    Array.from({ length: 20 }, (_, at) => post('e1', `6.6.6.${at}, 203.0.113.${at}`)),
  );
  const other = await post('e1', '203.0.114.1');
  const local = await Promise.all(Array.from({ length: 20 }, () => post('e1')));

  const refused = flood.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(statusesOf(flood)).toContain(202);
  for (const { headers } of refused) expect(headers.get('Retry-After')).toBe('1');
  const figures = await (await fetch(`${url}/metrics`)).text();
  expect(figures).toContain(`turnout_limited_requests_total{code="address_rate"} ${refused.length}`);
  expect(other.status).toBe(202);
  expect(new Set(statusesOf(local))).toEqual(new Set([202]));
});

test('a key has its rate and its day, whoever shows it', async () => {
  const { post } = await aCollector();

  const quick = await Promise.all(
    Array.from({ length: 20 }, () => post('e1', undefined, { key: 'wk_slow' })),
  );
  expect(statusesOf(quick)).toContain(202);
  expect(statusesOf(quick)).toContain(429);

  // The batch that reaches the quota is taken whole.
  expect((await post('e1', undefined, { key: 'wk_small', interactions: 2 })).status).toBe(202);
  expect((await post('e1', undefined, { key: 'wk_small', interactions: 2 })).status).toBe(202);
  const over = await post('e1', undefined, { key: 'wk_small' });
  expect(over.status).toBe(429);
  expect(Number(over.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(Number(over.headers.get('Retry-After'))).toBeLessThanOrEqual(3_600);
  expect(await over.text()).toContain(
    'The write key \\"poster\\" of the site \\"club\\" has sent its 3 interactions',
  );
  expect((await post('e1')).status).toBe(202);
});

test('a visitor without cookies is told apart by the sender that the proxy names, and placed by it', async () => {
  const path = await aGeoFile({
    '203.0.113.0/24': { country: { iso_code: 'GB' }, city: { names: { en: 'Leeds' } } },
  });
  const { post, rowsOf, logged } = await aCollector({ TURNOUT_GEO_DB: path });

  await post('fan/1', '203.0.113.7');
  await post('fan/2', '10.9.8.7, 203.0.113.7:4711');
  await post('fan/3', '::ffff:203.0.113.7');
  await post('fan/4', '203.0.113.8');
  await post('fan/5', '203.0.113.7, 198.51.100.1');

  type Row = { key: string; country: string; city: string };
  const rows = () => rowsOf<Row>('toString(user_key) AS key, country, city', 'fan/%');
  await expect.poll(async () => (await rows()).length, { timeout: 60_000 }).toBe(5);
  const [one, forged, mapped, neighbour, elsewhere] = await rows();
  expect([forged?.key, mapped?.key]).toEqual([one?.key, one?.key]);
  expect(new Set([one?.key, neighbour?.key, elsewhere?.key]).size).toBe(3);
  expect(one).toMatchObject({ country: 'GB', city: 'Leeds' });
  expect(elsewhere).toMatchObject({ country: '', city: '' });
  // Where it came from is nowhere: not in a row, not in a log.
  const all = JSON.stringify([await rowsOf('*', 'fan/%'), logged]);
  expect(all).not.toMatch(/203\.0\.113|198\.51\.100|10\.9\.8\.7/);
});

test('who came by https is told to stay there, where a trusted proxy says so', async () => {
  const [trusting, alone] = [await aCollector(), await aCollector({ TURNOUT_TRUSTED_PROXIES: '0' })];
  const ask = (url: string, proto: string) =>
    fetch(`${url}/healthz`, { headers: { 'X-Forwarded-Proto': proto } });
  const hstsOf = async (url: string, proto: string) =>
    (await ask(url, proto)).headers.get('Strict-Transport-Security');

  expect(await hstsOf(trusting.url, 'https')).toBe('max-age=31536000');
  expect(await hstsOf(trusting.url, 'https, http')).toBe('max-age=31536000');
  expect(await hstsOf(trusting.url, 'http')).toBeNull();
  expect(await hstsOf(alone.url, 'https')).toBeNull();
});

test('the figures are open on this machine, and to others with a token', async () => {
  const { url, adminToken } = await aCollector({ TURNOUT_METRICS_TOKEN: 'for prometheus' });
  const ask = async (headers: Record<string, string>) => (await fetch(`${url}/metrics`, { headers })).status;
  const fromElsewhere = { 'X-Forwarded-For': '203.0.113.7' };

  expect(await ask({})).toBe(200);
  expect(await ask(fromElsewhere)).toBe(401);
  expect(await ask({ ...fromElsewhere, Authorization: 'Bearer for prometheus' })).toBe(200);
  expect(await ask({ ...fromElsewhere, Authorization: `Bearer ${adminToken}` })).toBe(200);
});

test('a proxy that nobody counted is noticed, once', async () => {
  const { post, logged } = await aCollector({ TURNOUT_TRUSTED_PROXIES: '0' });

  await post('e1');
  expect(JSON.stringify(logged)).not.toContain('TURNOUT_TRUSTED_PROXIES');
  await post('e1', '203.0.113.7');
  await post('e1', '203.0.113.8');

  expect(JSON.stringify(logged).match(/TURNOUT_TRUSTED_PROXIES/g)).toHaveLength(1);
  expect(JSON.stringify(logged)).not.toContain('203.0.113');
});

test.each([
  ['1', 'timeout=75'],
  ['0', 'timeout=5'],
])('with %s trusted proxies an idle connection is kept for as long: %s', async (proxies, keepAlive) => {
  const { post } = await aCollector({ TURNOUT_TRUSTED_PROXIES: proxies });

  const { headers } = await post('idle');

  expect(headers.get('Keep-Alive')).toBe(keepAlive);
});

test('answers a health check that names no host, and tells it no more than a stranger', async () => {
  const { askPlainly } = await aCollector();

  expect(await askPlainly('/healthz')).toBe('200');
  await expect.poll(() => askPlainly('/readyz'), { timeout: 60_000 }).toBe('200');
  expect(await askPlainly('/metrics')).toBe('401');
});
