import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { aDatabaseProxy } from '../testing/database-proxy.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A whole collector over the engine, which can be stopped and started again. */
async function aCollector(dataDir: string, url = new URL(engine().url())) {
  const config = readConfig(
    { port: '0', dataDir },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${url.host}` },
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
      const { accepted, rejected } = (await response.json()) as {
        accepted: number;
        rejected: { code: string }[];
      };
      return accepted === 1 ? 'accepted' : rejected[0]?.code;
    },
  };
}

const occurred_at = new Date().toISOString();
const sale = (id: string, order_id: string, event_id = '42') => ({
  id,
  order_id,
  occurred_at,
  user_id: 'u1',
  value: 100,
  event_id,
});
const orders = () =>
  database().query<{ order: string; event: string; times: string }>(
    `SELECT order_id AS order, entity_id AS event, toString(count()) AS times FROM turnout.interactions
     WHERE type = 'purchase' GROUP BY order, event ORDER BY order, event`,
  );

test('knows after a restart, and at another collector, which record a key was first used for', async () => {
  const dataDir = await aFolder();
  const first = await aCollector(dataDir);
  expect(await first.report('sale', sale('k1', 'A-1'))).toBe('accepted');
  expect(await first.report('attendance', { event_id: '42', id: 'k1', user_id: 'u1', occurred_at })).toBe(
    'accepted',
  );
  await expect.poll(orders, { timeout: 60_000 }).toEqual([{ order: 'A-1', event: '42', times: '1' }]);
  await first.close();

  for (const folder of [dataDir, await aFolder()]) {
    const collector = await aCollector(folder);
    // Another order, and another line of the same one: both would be ids of their own.
    expect(await collector.report('sale', sale('k1', 'A-2'))).toBe('conflict');
    expect(await collector.report('sale', sale('k1', 'A-1', '43'))).toBe('conflict');
    expect(
      await collector.report('attendance', { event_id: '43', id: 'k1', user_id: 'u1', occurred_at }),
    ).toBe('conflict');
    expect(await collector.report('sale', sale('k1', 'A-1'))).toBe('accepted');
    expect(await collector.report('sale', sale(`last in ${folder}`, 'Z'))).toBe('accepted');
    await collector.close();
  }

  expect(await orders()).toEqual([
    { order: 'A-1', event: '42', times: '1' },
    { order: 'Z', event: '42', times: '1' },
  ]);
});

test('keeps the first record of a key when nobody could look', async () => {
  const proxy = await aDatabaseProxy(() => engine().url());
  const other = await aCollector(await aFolder());
  const away = await aCollector(await aFolder(), new URL(proxy.url));
  expect(await other.report('sale', sale('k2', 'B-1'))).toBe('accepted');
  const stored = () => orders().then((rows) => rows.filter(({ order }) => order.startsWith('B')));
  await expect.poll(stored, { timeout: 60_000 }).toEqual([{ order: 'B-1', event: '42', times: '1' }]);
  // Keys are stored behind their rows.
  const keys = () =>
    database().query(
      `SELECT 1 AS isStored FROM turnout.record_keys WHERE hasAny(ids, (SELECT groupArray(id) FROM turnout.interactions WHERE order_id = 'B-1'))`,
    );
  await expect.poll(keys, { timeout: 60_000 }).toHaveLength(1);

  proxy.setFault('down');
  expect(await away.report('sale', sale('k2', 'B-2'))).toBe('accepted');
  expect(await away.report('sale', sale('k3', 'B-3'))).toBe('accepted');
  proxy.setFault('none');

  const expected = ['B-1', 'B-3'].map((order) => ({ order, event: '42', times: '1' }));
  await expect.poll(stored, { timeout: 60_000 }).toEqual(expected);
  // It was answered as accepted, so its reason is kept.
  const rejected = () =>
    database().query(
      `SELECT JSONExtractString(text, 'order_id') AS order, code FROM turnout.rejected_interactions
       WHERE message LIKE 'This key came before%' AND order = 'B-2'`,
    );
  await expect.poll(rejected, { timeout: 60_000 }).toEqual([{ order: 'B-2', code: 'conflict' }]);
  expect(await other.report('sale', sale('k2', 'B-1'))).toBe('accepted');
  expect(await other.report('sale', sale('k2', 'B-2'))).toBe('conflict');
});
