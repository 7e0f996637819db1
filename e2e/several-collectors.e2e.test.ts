import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'vitest';
import { aDatabaseProxy } from '../packages/collector/src/testing/database-proxy.ts';
import { aDataDir, runTurnout, startCollector } from './collector.ts';
import { aSharedDatabase } from './shared-database.ts';

/**
 * Two collectors before one database; the way of the first leads through a proxy that can hold its inserts. Each test has
 * three processes of its own, and mostly waits for them: the tests run beside each other.
 */
async function twoCollectors(context: TestContext) {
  const { expect, onTestFinished } = context;
  const { database, address, urlBy } = await aSharedDatabase({ test: context, hasTables: true });
  const proxy = await aDatabaseProxy(address, onTestFinished);

  async function start(by: string) {
    const { dataDir, remove } = await aDataDir();
    onTestFinished(remove);
    const env = {
      TURNOUT_CLICKHOUSE_URL: urlBy(by),
      TURNOUT_COLLECTORS: '2',
      TURNOUT_SECRET: 'the same for both of them',
    };
    const collector = await startCollector(dataDir, [], env);
    onTestFinished(() => collector.kill());
    const isReady = async () => (await fetch(`${collector.url}/readyz`)).ok;
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
    const post = (batch: object) =>
      fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
        method: 'POST',
        body: JSON.stringify(batch),
      });
    const run = (...args: string[]) => runTurnout([...args, '--data-dir', dataDir], env);
    const sell = async (...records: object[]) => {
      const { admin_token } = JSON.parse(await readFile(join(dataDir, 'run.json'), 'utf8'));
      const common = { occurred_at: Date.now(), user_id: 'u1', event_id: 'e1', currency: 'USD' };
      const response = await fetch(`${collector.url}/v1/ingest/sale`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${admin_token}` },
        body: JSON.stringify(records.map((record) => ({ ...common, ...record }))),
      });
      expect(await response.json()).toEqual({ accepted: records.length, rejected: [] });
    };
    return { dataDir, post, sell, run };
  }
  const first = await start(proxy.url);
  const second = await start(address());

  const counted = async () => {
    const [row] = await database.query<{ raw: number; clicks: number }>(
      `SELECT (SELECT toInt32(count()) FROM turnout.interactions) AS raw,
         (SELECT toInt32(sum(clicks)) FROM turnout.event_daily) AS clicks`,
    );
    return row;
  };
  return { proxy, first, second, counted, database };
}

const aBatch = () => ({
  batch_id: randomUUID(),
  visitor_id: 'v1',
  session_id: 's1',
  interactions: Array.from({ length: 3 }, () => ({
    id: randomUUID(),
    type: 'click',
    occurred_at: Date.now(),
    entity_type: 'event',
    entity_id: 'e1',
  })),
});

const PATIENTLY = { timeout: 60_000 };

test.concurrent('counts once what comes to one collector after the other', {
  timeout: 120_000,
}, async (context) => {
  const { expect } = context;
  const { first, second, counted } = await twoCollectors(context);
  const [batch, next] = [aBatch(), aBatch()];

  await first.post(batch);
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 3, clicks: 3 });
  // Marked as a first attempt: only the look-up of every row can tell.
  await second.post(batch);
  await second.post(next);

  await expect.poll(counted, PATIENTLY).toEqual({ raw: 6, clicks: 6 });
  expect(await second.run('verify')).toMatchObject({ code: 0 });
});

test.concurrent('names and heals what both took in the same moment', {
  timeout: 120_000,
}, async (context) => {
  const { expect } = context;
  const { proxy, first, second, counted } = await twoCollectors(context);
  const batch = aBatch();
  // The first has looked the rows up, found nothing, and has not stored them when the second looks.
  proxy.setFault('held');

  await Promise.all([first.post(batch), second.post(batch)]);
  await expect.poll(() => proxy.held(), PATIENTLY).toBe(1);
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 3, clicks: 3 });
  proxy.setFault('none');
  // A merge may have made one of two rows in raw already; the rollup keeps both until it is repaired.
  await expect.poll(async () => (await counted())?.clicks, PATIENTLY).toBe(6);

  const found = await first.run('verify');
  expect(found.code).toBe(1);
  expect(found.out).toMatch(/DOUBLED {2}3 ids|DIFFERS/);
  const repaired = await first.run('verify', '--repair');
  expect(repaired.out).toContain('After it:');
  expect(await first.run('verify')).toMatchObject({ code: 0 });
  expect(await counted()).toEqual({ raw: 3, clicks: 3 });
});

test.concurrent('names an order and a key that both stored in the same moment', {
  timeout: 240_000,
}, async (context) => {
  const { expect } = context;
  const { proxy, first, second, database } = await twoCollectors(context);
  const sold = () =>
    database.query<{ order: string; sold: string }>(
      `SELECT order_id AS order, toString(sum(site_value)) AS sold
       FROM turnout.interactions WHERE type = 'purchase' GROUP BY order ORDER BY order`,
    );
  const purchase = { type: 'purchase', order_id: 'A', value: 40, currency: 'USD' };
  proxy.setFault('held');

  // The back end reports the order by its event, and the page as a whole; and one key is given to two orders.
  await first.sell({ order_id: 'A', value: 40 }, { id: 'k1', order_id: 'B', value: 5 });
  await expect.poll(() => proxy.held(), PATIENTLY).toBe(1);
  await second.post({
    ...aBatch(),
    interactions: [{ id: randomUUID(), occurred_at: Date.now(), ...purchase }],
  });
  await second.sell({ id: 'k1', order_id: 'C', value: 7 });
  await expect.poll(async () => (await sold()).length, PATIENTLY).toBe(2);
  proxy.setFault('none');
  await expect.poll(async () => (await sold()).map(({ sold }) => sold), PATIENTLY).toEqual(['80', '5', '7']);

  const found = await first.run('verify');
  expect(found).toMatchObject({ code: 0 });
  expect(found.out).toContain('SURPLUS  2 rows');
});

test.concurrent('backs up what is not in the server, and says that the rows are not in it', {
  timeout: 120_000,
}, async (context) => {
  const { expect } = context;
  const { proxy, first, counted } = await twoCollectors(context);
  const { dataDir, remove } = await aDataDir();
  context.onTestFinished(remove);
  proxy.setFault('down');
  await first.post(aBatch());
  const place = join(dataDir, 'backup');

  const backup = await first.run('backup', place);

  expect(backup).toMatchObject({ code: 0 });
  expect(backup.out).toContain('NOT the rows');
  expect(backup.out).toContain('The secret is NOT in it');
  expect(await readdir(place)).toEqual(expect.arrayContaining(['backup.json', 'log']));
  expect(await readdir(join(place, 'log'))).toHaveLength(1);
  proxy.setFault('none');
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 3, clicks: 3 });
});
