import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Analytics } from '@segment/analytics-node';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';
import { bundlePage } from './bundle-page.ts';
import { aDataDirWithTables, type RunningCollector, startCollector } from './collector.ts';

const { openContext } = aBrowserForThisFile();
/** A shop on another origin than the collector; the development site lists it. */
async function aShopServer(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Shop</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function aCollector(): Promise<RunningCollector> {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  return collector;
}

const rowsOf = (collector: RunningCollector) =>
  collector.query<Record<string, unknown>>(
    `SELECT toString(type) AS type, name, user_id, toString(entity_type) AS entity_type, entity_id, order_id, toString(value) AS value,
       toUInt32(quantity) AS quantity, toUInt32(count() OVER (PARTITION BY session_id)) AS in_session, toString(props) AS props
     FROM interactions ORDER BY ts, type, name, entity_id`,
  );
const aRow = (row: object) => ({
  name: '',
  user_id: '',
  entity_type: '',
  entity_id: '',
  order_id: '',
  value: null,
  quantity: null,
  props: '{}',
  ...row,
});
const ORDER = {
  order_id: 'A-1',
  revenue: 110,
  currency: 'USD',
  products: [
    { event_id: '42', price: 30, quantity: 3 },
    { product_id: 'tee', price: 20, quantity: 1 },
  ],
};
/** Each line says which lines the whole order has. */
const lineProps = (price: number) =>
  expect.stringMatching(new RegExp(`^{"order_record":"r[\\da-f]{8}","price":${price}}$`));
const orderRows = (row: object) => [
  aRow({
    type: 'purchase',
    entity_type: 'event',
    entity_id: '42',
    order_id: 'A-1',
    value: '90',
    quantity: 3,
    props: lineProps(30),
    ...row,
  }),
  aRow({
    type: 'purchase',
    entity_type: 'offer',
    entity_id: 'tee',
    order_id: 'A-1',
    value: '20',
    quantity: 1,
    props: lineProps(20),
    ...row,
  }),
];

test("Segment's library for Node sends here, and what it sends again counts once", async () => {
  const collector = await aCollector();
  let attempts = 0;
  const analytics = new Analytics({
    writeKey: 'wk_demo',
    host: collector.url,
    maxRetries: 5,
    httpClient: async (url, request) => {
      const response = await fetch(url, request as RequestInit);
      attempts += 1;
      // The first answer is lost on its way: nobody knows that the batch arrived.
      if (attempts === 1) throw new Error('the connection broke');
      return response;
    },
  });
  const failures: unknown[] = [];
  analytics.on('error', (failure) => failures.push(failure));
  const at = Date.now() - 10_000;
  const when = (seconds: number) => new Date(at + seconds * 1_000);

  analytics.identify({
    userId: 'u1',
    timestamp: when(0),
    traits: { email: 'ann@example.com', city: 'Leeds' },
  });
  analytics.page({
    userId: 'u1',
    timestamp: when(1),
    name: 'Home',
    properties: { url: 'https://v.example/', title: 'V' },
  });
  analytics.track({
    userId: 'u1',
    timestamp: when(2),
    event: 'Product Viewed',
    properties: { event_id: '42' },
  });
  analytics.track({ userId: 'u1', timestamp: when(3), event: 'Order Completed', properties: ORDER });
  analytics.track({
    anonymousId: 'bob',
    timestamp: when(4),
    event: 'Setlist Opened',
    properties: { songs: 12 },
  });
  analytics.group({ userId: 'u1', timestamp: when(5), groupId: 'fans' });
  analytics.alias({ previousId: 'ann', userId: 'u1', timestamp: when(6) });
  await analytics.closeAndFlush();

  expect(failures).toEqual([]);
  expect(attempts).toBeGreaterThan(1);
  const of = { user_id: 'u1', in_session: 6 };
  await expect
    .poll(() => rowsOf(collector), { timeout: 60_000 })
    .toEqual([
      aRow({ type: 'identify', ...of, props: '{"city":"Leeds"}' }),
      aRow({ type: 'page_view', ...of, props: '{"name":"Home"}' }),
      aRow({ type: 'view', ...of, entity_type: 'event', entity_id: '42' }),
      ...orderRows(of),
      aRow({ type: 'custom', name: 'Setlist Opened', in_session: 1, props: '{"songs":12}' }),
      aRow({ type: 'custom', name: 'group', ...of, props: '{"group_id":"fans"}' }),
      // Of the visitor that the user was: a session of that browser.
      aRow({ type: 'custom', name: 'alias', user_id: 'u1', in_session: 1 }),
    ]);
  expect(
    await collector.query(
      'SELECT DISTINCT toString(sdk) AS sdk, toUInt32(is_bot) AS is_bot FROM interactions',
    ),
  ).toEqual([{ sdk: expect.stringMatching(/^segment:@segment\/analytics-node\/3/), is_bot: 0 }]);
});

/** The shop with Segment's browser library, bundled as a site would. */
async function aShop(collector: RunningCollector, strategy?: 'batching') {
  const script = await bundlePage(fileURLToPath(new URL('./pages/segment.ts', import.meta.url)));
  const shopUrl = await aShopServer();
  const context = await openContext();
  const elsewhere: string[] = [];
  let lost = 0;
  const calls: string[] = [];
  await context.route('**/*', async (route) => {
    const url = route.request().url();
    if (url.startsWith(shopUrl)) return route.continue();
    if (!url.startsWith(collector.url)) {
      elsewhere.push(url);
      return route.abort();
    }
    if (route.request().method() === 'POST') {
      calls.push(new URL(url).pathname);
      // The first answer is lost on its way, after the collector has taken what was sent.
      if (lost === 0) {
        lost += 1;
        await route.fetch();
        return route.abort('connectionreset');
      }
    }
    return route.continue();
  });
  const page = await context.newPage();
  await page.addInitScript((given) => Object.assign(globalThis, given), {
    collector: collector.url,
    strategy,
  });
  await page.goto(`${shopUrl}?utm_source=mail&utm_campaign=spring`);
  await page.addScriptTag({ content: script });
  return { page, elsewhere, calls, shopUrl };
}

/** What the shop records, each after the other. */
const shop = (page: Page) =>
  page.evaluate(async (order) => {
    const { analytics } = globalThis as unknown as {
      analytics: Record<'page' | 'identify' | 'track', (...parts: unknown[]) => Promise<unknown>>;
    };
    // Each is handed over before the next: the library adds who is signed in when it hands over.
    await analytics.page('Home');
    await analytics.track('Promotion Viewed', { promotion_id: 'summer', position: 'hero' });
    await analytics.identify('u1', { email: 'ann@example.com', plan: 'gold' });
    await analytics.track('Order Completed', order);
    await analytics.track('Setlist Opened', { songs: 12 });
  }, ORDER);

test.each([
  ['one by one', undefined, ['/v1/i', '/v1/p', '/v1/t']],
  ['in batches', 'batching' as const, ['/v1/b']],
])("Segment's library for browsers sends here %s, and nowhere else", async (_name, strategy, paths) => {
  const collector = await aCollector();
  const { page, elsewhere, calls, shopUrl } = await aShop(collector, strategy);

  await shop(page);

  const before = { in_session: 6 };
  const after = { user_id: 'u1', in_session: 6 };
  await expect
    .poll(() => rowsOf(collector), { timeout: 60_000 })
    .toEqual([
      aRow({ type: 'page_view', ...before, props: expect.stringContaining('"name":"Home"') }),
      aRow({ type: 'impression', ...before, entity_type: 'ad', entity_id: 'summer' }),
      aRow({ type: 'identify', ...after, props: '{"plan":"gold"}' }),
      ...orderRows(after),
      aRow({ type: 'custom', name: 'Setlist Opened', ...after, props: '{"songs":12}' }),
    ]);
  // What was lost came again: 5 calls (or one batch) and at least one more.
  await expect.poll(() => calls.length, { timeout: 60_000 }).toBeGreaterThan(strategy ? 1 : 5);
  expect([...new Set(calls)].sort()).toEqual(paths);
  expect(
    await collector.query(
      `SELECT DISTINCT page_url, page_path, utm_source, utm_campaign, toString(browser) AS browser, toUInt32(uniq(visitor_id) OVER ()) AS visitors
       FROM interactions`,
    ),
  ).toEqual([
    {
      page_url: `${shopUrl}?utm_source=mail&utm_campaign=spring`,
      page_path: '/',
      utm_source: 'mail',
      utm_campaign: 'spring',
      browser: expect.stringMatching(/Chrom/),
      visitors: 1,
    },
  ]);
  expect(elsewhere).toEqual([]);
});
