/** What the worker answers and stores is what the Node collector does: docs/edge.md names all that may differ. */
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openApi } from './doors/openapi/document.ts';
import { readConfig, startCollector } from './node.ts';
import { anEdgeWorker } from './testing/edge-worker.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

const NAMES = ['node', 'edge'] as const;
const COUNTRY = { TURNOUT_COUNTRY_HEADER: 'cf-ipcountry' };
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const AT = Date.now() - 60_000;
const ISO = new Date(AT).toISOString();

const siteOf = (id: string) => ({
  id,
  time_zone: 'Europe/London',
  currency: 'GBP',
  write_keys: [{ key: `wk_${id}` }, { key: `wk_old_${id}`, revoked: true }],
  secret_keys: [`sk_${id}_0123456789abcdef`],
  origins: ['https://venue.example'],
});

/** One of each over one database: each with a site of its own, because the same rows of one site would count once. */
async function bothKinds(): Promise<Record<(typeof NAMES)[number], string>> {
  const url = `http://turnout:${engine().password}@${new URL(engine().url()).host}`;
  const sites = `${await aFolder()}/sites.json`;
  await writeFile(sites, JSON.stringify({ sites: [siteOf('node')] }));
  const settings = { TURNOUT_CLICKHOUSE_URL: url, TURNOUT_SITES: sites, ...COUNTRY };
  const collector = await startCollector(readConfig({ port: '0', dataDir: await aFolder() }, settings), {
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  onTestFinished(collector.close);
  const worker = await anEdgeWorker({ clickhouseUrl: url, sites: [siteOf('edge')], bindings: COUNTRY });
  onTestFinished(() => worker.miniflare.dispose());
  return { node: collector.url, edge: worker.url };
}

let ids = 0;
const id = () => `0190aaaa-0000-7000-8000-${String(++ids).padStart(12, '0')}`;
const click = (more: object = {}) => ({ id: id(), type: 'click', occurred_at: AT, ...more });
const batch = (interactions: unknown[], more: object = {}) => ({
  batch_id: id(),
  sdk: 'js/0.1.0',
  visitor_id: 'v1',
  session_id: 's1',
  interactions,
  ...more,
});
const sale = (order_id: string, more: object = {}) => ({ order_id, occurred_at: ISO, value: 9, ...more });
const message = (more: object = {}) => ({
  writeKey: 'wk_SITE',
  anonymousId: 'ann',
  userId: 'u1',
  previousId: 'old',
  groupId: 'g',
  event: 'Product Viewed',
  timestamp: ISO,
  traits: { email: 'x@y', plan: 'gold' },
  properties: { event_id: '42', price: 3, url: 'https://z.example' },
  context: { page: { url: 'https://p.example' }, locale: 'en', userAgent: CHROME },
  ...more,
});

type Sent = [
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer> | object,
  headers?: object,
];
const WIRE = '/v1/interactions?key=wk_SITE&attempt=0';
const SECRET = { Authorization: 'Bearer sk_SITE_0123456789abcdef' };
const gzip = (text: string) => new Uint8Array(gzipSync(text));

/** `SITE` is the site of who is asked. */
const SENT: Sent[] = [
  [
    'POST',
    WIRE,
    batch(
      [
        click({
          position: 3,
          props: { 'a.b': 1, a: { b: 2 }, genre: 'jazz', price_min: 3, big: 2 ** 60, rating: '4.5' },
        }),
        click({ type: 'nope' }),
        click({ occurred_at: 5 }),
        null,
        click({ value: 5, currency: 'USD' }),
        click({ entity_type: 'event', entity_id: 'a\0\ud800b' }),
      ],
      { contexts: [{ page_url: 'https://x.example', title: 't'.repeat(5_000) }], dropped: 4 },
    ),
  ],
  [
    'POST',
    WIRE,
    batch([click({ context: 0 }), click({ context: 1 })], { contexts: [{ utm_source: 'u' }] }),
    { 'User-Agent': CHROME, 'CF-IPCountry': 'GB' },
  ],
  ['POST', `${WIRE}&automated=1`, batch([click()]), { 'User-Agent': CHROME }],
  ['POST', WIRE, batch([click()], { env: 'staging' }), { 'User-Agent': 'Googlebot/2.1' }],
  [
    'POST',
    WIRE,
    batch([
      click({ type: 'purchase', order_id: 'P-1', value: 10 }),
      click({ type: 'purchase', order_id: 'P-1', value: 10 }),
      click({ type: 'refund', order_id: 'P-1', value: -3 }),
    ]),
  ],
  ['POST', '/v1/interactions?key=wk_SITE&sent_at=abc', batch([click({ order_id: 'c1' })])],
  ['POST', WIRE, gzip(JSON.stringify(batch([click({ surface: 'packed' })])))],
  ['POST', WIRE, gzip('{}').slice(0, -5)],
  ['POST', WIRE, gzip(' '.repeat(3_000_000))],
  ['POST', WIRE, ' '.repeat(1_100_000)],
  ['POST', WIRE, `\ufeff${JSON.stringify(batch([click({ surface: 'marked' })]))}`],
  ['POST', WIRE, JSON.stringify(batch([click({ surface: 'number' })])).replace('"number"', 'NaN')],
  ...['', '[]', '{}', 'null', '{"interactions":1}'].map((body): Sent => ['POST', WIRE, body]),
  ['POST', WIRE, batch([])],
  ['POST', WIRE, batch(Array.from({ length: 1_001 }, () => 1))],
  ['POST', WIRE, 'packed otherwise', { 'Content-Encoding': 'br' }],
  ...['https://venue.example', 'https://other.example', 'null'].map(
    (Origin): Sent => ['POST', WIRE, batch([click()]), { Origin }],
  ),
  ...['', '?key=nope', '?key=wk_old_SITE'].map(
    (query): Sent => ['POST', `/v1/interactions${query}`, batch([click()])],
  ),
  ['GET', WIRE],
  ['OPTIONS', WIRE, undefined, { Origin: 'https://venue.example' }],
  ...['/nothing', '/t-nope.js', '/v1/batch', '/v1/ingest/sale'].map((path): Sent => ['GET', path]),
  ...[...'tpsiga', 'track', 'page', 'screen', 'identify', 'group', 'alias'].map(
    (call): Sent => ['POST', `/v1/${call}`, message({ messageId: `m-${call}` })],
  ),
  [
    'POST',
    '/v1/import',
    {
      writeKey: 'wk_SITE',
      batch: [
        message({
          type: 'track',
          messageId: 'o1',
          event: 'Order Completed',
          properties: { order_id: 'S-1', revenue: '60.00', products: [{ event_id: 1, price: 30 }, {}] },
        }),
        message({ type: 'track', event: 'Order Completed', properties: { order_id: 'S-2', revenue: '£60' } }),
        7,
        { type: 'x', email: 'a@b' },
      ],
    },
  ],
  ['POST', '/v1/batch', { writeKey: 'wk_SITE', batch: Array.from({ length: 2_501 }, () => 1) }],
  [
    'POST',
    '/v1/ingest/sale',
    [
      sale('B-1', { user_id: 'u1', lines: [{ event_id: '42', price: 30 }, { event_id: '42' }] }),
      sale('B-2', { id: 'k' }),
      sale('B-3', { id: 'k' }),
      sale('B-1', { status: 'refunded', refund_id: 'a/b' }),
      5,
    ],
    SECRET,
  ],
  ['POST', '/v1/ingest/attendance', { event_id: '42', ticket_id: 't', occurred_at: ISO }, SECRET],
  ['POST', '/v1/ingest/revenue', { category: 'bar', value: -5.25, occurred_at: ISO }, SECRET],
  ['POST', '/v1/ingest/social', { artist_id: 'a', network: 'n', followers: 5, occurred_at: ISO }, SECRET],
  ['POST', '/v1/ingest/sale', sale('B-4'), { ...SECRET, 'Idempotency-Key': 'x'.repeat(300) }],
  ['POST', '/v1/ingest/sale?site=other', sale('B-5'), SECRET],
  ['POST', '/v1/ingest/sale', sale('B-6'), { Authorization: 'Bearer guessed' }],
  ['GET', '/v1/query/nothing', undefined, SECRET],
  ['GET', '/v1/query/event_daily?from=2020-01-01&to=2020-01-31&limit=1', undefined, SECRET],
  ['GET', '/v1/query/retention?from=2020-01-01&to=2020-01-31&grain=no', undefined, SECRET],
  ['GET', '/v1/query/event_daily?naps=1', undefined, SECRET],
  ['GET', '/v1/query/event_daily?site=other', undefined, SECRET],
  ['GET', '/v1/query/event_daily?key=wk_SITE'],
  ['GET', '/v1/query/nothing', undefined, { Authorization: 'Bearer guessed' }],
  ['PUT', '/v1/catalog?site=other', '{}', SECRET],
  ['PUT', '/v1/catalog', '{"entity_type":"event","entity_id":"c 1","name":"A b"}\r\n{"x":1}', SECRET],
];

/** They tell of the connection, not of the answer. */
const OF_THE_WAY =
  /^(date|connection|keep-alive|transfer-encoding|content-(length|encoding)|x-request-id|x-mf-.*)$/;

async function ask(name: string, url: string, [method, path, body, headers]: Sent) {
  const fill = (text: string) => text.replaceAll('SITE', name);
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(url + fill(path), {
    method,
    body: body instanceof Uint8Array ? body : sent && fill(sent),
    headers: JSON.parse(fill(JSON.stringify({ 'User-Agent': 'curl/8', ...headers }))),
  });
  return {
    asked: `${method} ${path} ${sent?.slice(0, 100)}`,
    status: response.status,
    body: (await response.text()).replaceAll(name, 'SITE'),
    headers: [...response.headers].filter(([header]) => !OF_THE_WAY.test(header)),
  };
}

/** Without what follows from the site, or from the clock when it came. */
const COLUMNS = {
  interactions:
    "* EXCEPT (site_id, id, user_key, batch_id, batch, received_at, visitor_id, session_id), startsWith(toString(id), '0190aaaa') ? toString(id) : '' AS own",
  rejected_interactions:
    "* EXCEPT (site_id, batch_id, user_key, received_at, text), replaceAll(text, site_id, '') AS said",
  entities: 'entity_type, entity_id, name, genre, deleted',
  record_keys: 'length(ids) AS rows',
};

test('answers and stores like the Node collector whatever comes', async () => {
  const urls = await bothKinds();
  const { paths } = openApi();
  for (const sent of SENT) {
    const answer = await ask('node', urls.node, sent);
    expect(await ask('edge', urls.edge, sent)).toEqual(answer);
    const [method, path] = sent;
    const said = paths[path.replace(/\?.*/, '')]?.[method.toLowerCase()]?.responses;
    if (said) expect(Object.keys(said)).toContain(String(answer.status));
  }

  const tables = (site: string) =>
    Promise.all(
      Object.entries(COLUMNS).map(async ([table, columns]) => {
        const rows = await database().query<object>(
          `SELECT ${columns} FROM turnout.${table} WHERE site_id = {site:String}`,
          { site },
        );
        return [table, rows.map((row) => JSON.stringify(row)).sort()] as const;
      }),
    );
  const all = { interactions: 33, rejected_interactions: 10, entities: 1, record_keys: 1 };
  for (const name of NAMES)
    await expect
      .poll(
        async () => Object.fromEntries((await tables(name)).map(([table, rows]) => [table, rows.length])),
        {
          timeout: 60_000,
        },
      )
      .toEqual(all);
  expect(await tables('edge')).toEqual(await tables('node'));
}, 240_000);
