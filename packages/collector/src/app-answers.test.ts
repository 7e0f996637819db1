import { expect, test } from 'vitest';
import { aBatch, aCollector, jsonOf } from './testing/collector.ts';

test('tells healthy from ready, and what is missing', async () => {
  const { app } = aCollector();

  expect((await app.request('/healthz')).status).toBe(200);
  const readyz = await app.request('/readyz');
  expect(readyz.status).toBe(503);
  expect((await jsonOf(readyz)).checks.migrations).toBe('not applied yet');
  expect(await (await app.request('/metrics')).text()).toContain('turnout_accepted_total');
  expect((await app.request('/nothing')).status).toBe(404);
});

test('the figures are for whom the surroundings let in, and otherwise for nobody', async () => {
  const open = await aCollector().app.request('/metrics');
  const closed = await aCollector({ mayReadMetrics: () => false }).app.request('/metrics');

  expect(open.status).toBe(200);
  expect(closed.status).toBe(401);
  expect((await jsonOf(closed)).error.message).toContain('TURNOUT_METRICS_TOKEN');
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
