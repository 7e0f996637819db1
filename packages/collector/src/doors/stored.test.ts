import { strFromU8, unzipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A whole collector over the engine, which can be stopped and started again. */
async function aCollector(dataDir: string) {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log: silent });
  onTestFinished(collector.close);
  return {
    close: collector.close,
    report: async (kind: string, record: object) => {
      const response = await fetch(`${collector.url}/v1/ingest/${kind}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${collector.adminToken}` },
        body: JSON.stringify(record),
      });
      expect(await response.json()).toEqual({ accepted: 1, rejected: [] });
    },
    exported: async (id: string) => {
      const response = await fetch(`${collector.url}/v1/privacy/export?site=demo`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${collector.adminToken}` },
        body: JSON.stringify({ ids: [id] }),
      });
      expect(response.status).toBe(200);
      const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
      return JSON.parse(strFromU8(files['interactions.json'] ?? new Uint8Array())) as object[];
    },
    segment: async (message: object) => {
      const response = await fetch(`${collector.url}/v1/t`, {
        method: 'POST',
        body: JSON.stringify({ ...message, writeKey: 'wk_demo' }),
      });
      expect(await response.json()).toEqual({ success: true });
    },
  };
}

test('counts each record once across a restart, and nobody as a person who is none', async () => {
  const dataDir = await aFolder();
  const occurred_at = new Date().toISOString();
  const reportAll = async ({ report, segment }: Awaited<ReturnType<typeof aCollector>>, scan: object) => {
    await report('sale', { order_id: 'A-1', occurred_at, user_id: 'u1', value: 100, event_id: '42' });
    await report('attendance', { event_id: '42', id: 'scan-1', ...scan });
    await report('revenue', { event_id: '42', category: 'bar', value: 812.5, occurred_at });
    await report('social', { artist_id: 'a1', network: 'instagram', followers: 12_000, occurred_at });
    await segment({
      event: 'Checkout Started',
      messageId: 'm1',
      userId: 'u1',
      timestamp: occurred_at,
      properties: { order_id: 'A-1', value: 100 },
    });
  };
  const rows = () =>
    database().query<{ type: string; name: string; env: string; times: string }>(
      'SELECT toString(type) AS type, name, toString(env) AS env, toString(count()) AS times FROM turnout.interactions GROUP BY type, name, env ORDER BY type, name',
    );
  const expected = [
    { type: 'attendance', name: '', env: 'production', times: '1' },
    { type: 'checkout_start', name: '', env: 'production', times: '1' },
    { type: 'custom', name: 'revenue', env: 'back_office', times: '1' },
    { type: 'custom', name: 'social', env: 'back_office', times: '1' },
    { type: 'purchase', name: '', env: 'production', times: '1' },
  ];

  const first = await aCollector(dataDir);
  await reportAll(first, { user_id: 'u1', occurred_at });
  await expect.poll(rows, { timeout: 60_000 }).toEqual(expected);
  await first.close();
  const second = await aCollector(dataDir);
  await reportAll(second, { user_id: 'u1', occurred_at });
  // What came last is stored last: once it is there, so is all before it.
  await second.report('attendance', { event_id: '43', user_id: 'u1', occurred_at, id: 'the last' });

  await expect
    .poll(rows, { timeout: 60_000 })
    .toEqual(expected.map((row) => (row.type === 'attendance' ? { ...row, times: '2' } : row)));
  expect(
    await database().query(
      'SELECT toString(active_people) AS people, toString(sessions) AS sessions, toString(revenue) AS revenue FROM turnout.site_daily',
    ),
    // The one session is that of the checkout: what back ends report is no visit.
  ).toEqual([{ people: '1', sessions: '1', revenue: '100' }]);
  expect(await database().query('SELECT toString(count()) AS people FROM turnout.engagement_scores')).toEqual(
    [{ people: '1' }],
  );
  expect(
    await database().query(
      "SELECT toString(attendance) AS attendance, toString(revenue) AS revenue FROM turnout.event_daily WHERE event_id = '42'",
    ),
  ).toEqual([{ attendance: '1', revenue: '100' }]);
});

test('counts a Segment message once that comes again after a restart, when its visitor has signed in', async () => {
  const dataDir = await aFolder();
  const message = {
    event: 'Signed Up',
    messageId: 'sent before and after signing in',
    anonymousId: 'ann',
    timestamp: new Date().toISOString(),
  };
  const last = { ...message, event: 'The Last', messageId: 'the last' };
  const names = () =>
    database().query<{ name: string; user_id: string }>(
      "SELECT name, user_id FROM turnout.interactions WHERE visitor_id = 'ann' ORDER BY name",
    );
  const first = await aCollector(dataDir);
  await first.segment(message);
  await expect.poll(names, { timeout: 60_000 }).toEqual([{ name: 'Signed Up', user_id: '' }]);
  await first.close();

  const second = await aCollector(dataDir);
  await second.segment({ ...message, userId: 'u1' });
  await second.segment(last);

  await expect.poll(names, { timeout: 60_000 }).toEqual([
    { name: 'Signed Up', user_id: '' },
    { name: 'The Last', user_id: '' },
  ]);
});

test('exports what was acknowledged a moment ago', { timeout: 120_000 }, async () => {
  const { report, exported } = await aCollector(await aFolder());
  const occurred_at = new Date().toISOString();
  await report('attendance', { event_id: '42', user_id: 'u-first', occurred_at, id: 'the first' });
  const isStoring = () =>
    database()
      .query("SELECT type FROM turnout.interactions WHERE user_id = 'u-first'")
      .then((rows) => rows.length);
  await expect.poll(isStoring, { timeout: 60_000 }).toBe(1);

  await report('sale', { order_id: 'just now', occurred_at, user_id: 'u-export', value: 1, event_id: '42' });

  expect(await exported('u-export')).toMatchObject([{ order_id: 'just now' }]);
});
