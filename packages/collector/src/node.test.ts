import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readConfig, startCollector } from './node.ts';
import { aDatabaseProxy, type Fault } from './testing/database-proxy.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A whole collector that uses the engine as if it were a server, through a proxy that can fail. */
const SECRET = 'the same for all collectors of a test';

async function aCollector({
  maxLogBytes = 1_000_000,
  fault = 'none' as Fault,
  collectors = 1,
  dataDir = undefined as string | undefined,
} = {}) {
  const proxy = await aDatabaseProxy(() => engine().url());
  proxy.setFault(fault);
  const { host } = new URL(proxy.url);
  const read = readConfig(
    { port: '0', dataDir: dataDir ?? (await aFolder()) },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_COLLECTORS: String(collectors),
      TURNOUT_SECRET: SECRET,
    },
  );
  // Less than an operator may set, so that a test can fill it.
  const config = { ...read, maxLogBytes };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log });
  onTestFinished(collector.close);
  const visitor = randomUUID();
  const post = async (interactions = 1) => {
    const ids = Array.from({ length: interactions }, () => randomUUID());
    const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
      method: 'POST',
      body: JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: visitor,
        session_id: visitor,
        interactions: ids.map((id) => ({
          id,
          type: 'click',
          occurred_at: Date.now(),
          entity_type: 'event',
          entity_id: 'e1',
        })),
      }),
    });
    return { status: response.status, retryAfter: response.headers.get('Retry-After'), ids };
  };
  const readyz = async () =>
    (await fetch(`${collector.url}/readyz`)).json() as Promise<{
      ready: boolean;
      checks: Record<string, string>;
    }>;
  const storedOf = async (ids: string[]) =>
    (
      await database().query<{ stored: string }>(
        'SELECT toString(id) AS stored FROM turnout.interactions WHERE visitor_id = {visitor:String} ORDER BY stored',
        { visitor },
      )
    )
      .map(({ stored }) => stored)
      .filter((id) => ids.includes(id));
  const metric = async (name: string) =>
    Number(
      new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${collector.url}/metrics`)).text())?.[1],
    );
  if (fault === 'none') await expect.poll(async () => (await readyz()).ready, { timeout: 60_000 }).toBe(true);
  return { collector, proxy, post, readyz, storedOf, metric };
}

const FAULTS: [string, Fault][] = [
  ['is down', 'down'],
  ['loses its answers', 'mute'],
  ['is read-only', { code: 242, message: 'Table is in readonly mode' }],
  ['is out of disk', { code: 243, message: 'Cannot reserve 1.00 MiB, not enough space' }],
  [
    'has too many parts',
    { code: 252, message: 'Too many parts (3000). Merges are processing significantly slower than inserts' },
  ],
  ['is out of memory', { code: 241, message: 'Memory limit (total) exceeded' }],
];

test.each(FAULTS)(
  'acknowledges while the database %s, and stores each once afterwards',
  async (_name, fault) => {
    const { proxy, post, storedOf, metric } = await aCollector();
    proxy.setFault(fault);
    const ids: string[] = [];
    for (let batch = 0; batch < 5; batch += 1) {
      const { status, ids: sent } = await post(3);
      expect(status).toBe(202);
      ids.push(...sent);
    }
    await expect.poll(() => metric('turnout_insert_failures_total'), { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await metric('turnout_log_bytes')).toBeGreaterThan(0);

    proxy.setFault('none');

    await expect.poll(() => storedOf(ids), { timeout: 60_000 }).toEqual(ids.sort());
    await expect.poll(() => metric('turnout_log_bytes'), { timeout: 60_000 }).toBe(0);
    expect(await metric('turnout_log_age_seconds')).toBe(0);
  },
);

test('acknowledges at once while the database takes seconds for a block', async () => {
  const { proxy, post, storedOf, metric } = await aCollector();
  proxy.setFault('slow');
  const ids: string[] = [];

  await expect
    .poll(
      async () => {
        const { status, ids: sent } = await post(3);
        expect(status).toBe(202);
        ids.push(...sent);
        return (await storedOf(ids)).length;
      },
      { timeout: 60_000, interval: 100 },
    )
    .toBeGreaterThan(0);
  // More came while the first block was under way, and the log holds it.
  expect(await metric('turnout_log_bytes')).toBeGreaterThan(0);
  proxy.setFault('none');

  await expect.poll(() => storedOf(ids), { timeout: 60_000 }).toEqual(ids.sort());
  expect(await metric('turnout_insert_failures_total')).toBe(0);
});

test('counts what it accepts, rejects, leaves out and stores, and how old its log is', async () => {
  const { collector, proxy, metric } = await aCollector();
  const count = async (name: string) => (await metric(name)) || 0;
  proxy.setFault('down');
  const id = randomUUID();
  const good = { id, type: 'click', occurred_at: Date.now(), entity_type: 'event', entity_id: 'e1' };
  const body = JSON.stringify({
    batch_id: randomUUID(),
    visitor_id: id,
    session_id: id,
    interactions: [good, good, { ...good, id: randomUUID(), type: 'nonsense' }],
  });

  const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    body,
  });

  expect(await response.json()).toMatchObject({ accepted: 2, rejected: [{ index: 2 }] });
  await expect.poll(() => metric('turnout_log_age_seconds'), { timeout: 60_000 }).toBeGreaterThan(0.5);
  proxy.setFault('none');
  // The rejected one is a row too, of its own table.
  await expect.poll(() => metric('turnout_inserted_rows_total'), { timeout: 60_000 }).toBe(2);
  expect({
    accepted: await count('turnout_accepted_total{site="demo"}'),
    duplicates: await count('turnout_duplicates_total'),
    rejected: await count('turnout_rejected_total{code="unknown_type"}'),
    blocks: await count('turnout_insert_seconds_count'),
    reserve: await count('turnout_log_reserve_bytes'),
    damaged: await count('turnout_log_damaged_segments'),
  }).toEqual({ accepted: 2, duplicates: 1, rejected: 1, blocks: 1, reserve: 500_000, damaged: 0 });
});

test('answers 503 with Retry-After at the limit of the log, and takes again when it has drained', async () => {
  const { proxy, post, storedOf, readyz, metric } = await aCollector({ maxLogBytes: 20_000 });
  proxy.setFault('down');
  const acknowledged: string[] = [];
  let refused = await post(5);
  while (refused.status === 202) {
    acknowledged.push(...refused.ids);
    refused = await post(5);
  }
  expect(refused.status).toBe(503);
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
  expect(acknowledged.length).toBeGreaterThan(5);
  // Half of so small a limit is the reserve.
  expect(await metric('turnout_log_bytes')).toBeLessThanOrEqual(10_000);
  expect(await metric('turnout_log_reserve_bytes')).toBe(10_000);
  expect(await readyz()).toMatchObject({
    ready: false,
    checks: { log: expect.stringContaining('its limit is 10000'), reserve: 'ok' },
  });

  proxy.setFault('none');

  await expect.poll(() => storedOf(acknowledged), { timeout: 60_000 }).toEqual(acknowledged.sort());
  await expect.poll(async () => (await post(5)).status, { timeout: 60_000 }).toBe(202);
  expect(await readyz()).toMatchObject({ ready: true, checks: { log: 'ok', database: 'ok' } });
});

test('takes batches when it starts before its database, and says what is missing', async () => {
  const { proxy, post, storedOf, readyz } = await aCollector({ fault: 'down' });

  const { status, ids } = await post(2);
  expect(status).toBe(202);
  expect(await readyz()).toMatchObject({
    ready: false,
    checks: { database: expect.stringContaining('unreachable'), migrations: 'not applied yet' },
  });

  proxy.setFault('none');
  await expect.poll(() => storedOf(ids), { timeout: 60_000 }).toEqual(ids.sort());
  expect(await readyz()).toMatchObject({ ready: true, checks: { migrations: 'ok' } });
});

test('a retry that another collector gets, on another day by its corrected clock, counts once', async () => {
  const [first, second] = [await aCollector(), await aCollector()];
  const visitor = randomUUID();
  const now = Date.now();
  const body = JSON.stringify({
    batch_id: randomUUID(),
    visitor_id: visitor,
    session_id: visitor,
    interactions: [
      { id: randomUUID(), type: 'click', occurred_at: now, entity_type: 'event', entity_id: 'e1' },
    ],
  });
  const send = async (url: string, attempt: number, sentAt: number) => {
    const address = `${url}/v1/interactions?key=wk_demo&attempt=${attempt}&sent_at=${sentAt}`;
    expect((await fetch(address, { method: 'POST', body })).status).toBe(202);
  };
  const stored = () =>
    database().query<{ rows: number }>(
      'SELECT toUInt32(count()) AS rows FROM turnout.interactions WHERE visitor_id = {visitor:String}',
      { visitor },
    );

  await send(first.collector.url, 0, now);
  await expect.poll(stored, { timeout: 60_000 }).toEqual([{ rows: 1 }]);
  // The browser's clock was set forward meanwhile, so its times are corrected back, into another day.
  await send(second.collector.url, 1, now + 26 * 3_600_000);

  await expect.poll(() => second.metric('turnout_duplicates_total'), { timeout: 60_000 }).toBe(1);
  expect(await stored()).toEqual([{ rows: 1 }]);
});

test('a retry without cookies counts once, though its pseudonym is another one by then', async () => {
  const [first, second] = [await aCollector(), await aCollector()];
  const place = randomUUID();
  const body = JSON.stringify({
    batch_id: randomUUID(),
    cookieless: true,
    interactions: [
      { id: randomUUID(), type: 'click', occurred_at: Date.now(), entity_type: 'event', entity_id: place },
    ],
  });
  const send = async (url: string, attempt: number, userAgent: string) => {
    const address = `${url}/v1/interactions?key=wk_demo&attempt=${attempt}&sent_at=${Date.now()}`;
    const headers = { 'User-Agent': userAgent };
    expect((await fetch(address, { method: 'POST', body, headers })).status).toBe(202);
  };
  const stored = () =>
    database().query<{ rows: number }>(
      'SELECT toUInt32(count()) AS rows FROM turnout.interactions WHERE entity_id = {place:String}',
      { place },
    );

  await send(first.collector.url, 0, 'curl/8');
  await expect.poll(stored, { timeout: 60_000 }).toEqual([{ rows: 1 }]);
  await send(second.collector.url, 1, 'curl/9');

  await expect.poll(() => second.metric('turnout_duplicates_total'), { timeout: 60_000 }).toBe(1);
  expect(await stored()).toEqual([{ rows: 1 }]);
});

test('an interaction that two collectors get as a first attempt, one after the other, counts once', async () => {
  // Old enough to trust their memory: only their number makes them look.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const [first, second] = [await aCollector({ collectors: 2 }), await aCollector({ collectors: 2 })];
  vi.setSystemTime(Date.now() + 11 * 60_000);
  const visitor = randomUUID();
  const body = JSON.stringify({
    batch_id: randomUUID(),
    visitor_id: visitor,
    session_id: visitor,
    interactions: [
      { id: randomUUID(), type: 'click', occurred_at: Date.now(), entity_type: 'event', entity_id: visitor },
    ],
  });
  const send = async (url: string) => {
    const address = `${url}/v1/interactions?key=wk_demo&attempt=0&sent_at=${Date.now()}`;
    expect((await fetch(address, { method: 'POST', body })).status).toBe(202);
  };
  const counted = async () => {
    const [raw] = await database().query<{ rows: number }>(
      'SELECT toUInt32(count()) AS rows FROM turnout.interactions WHERE visitor_id = {visitor:String}',
      { visitor },
    );
    const [rollup] = await database().query<{ clicks: number }>(
      'SELECT toUInt32(sum(clicks)) AS clicks FROM turnout.event_daily WHERE event_id = {visitor:String}',
      { visitor },
    );
    return { ...raw, ...rollup };
  };

  await send(first.collector.url);
  await expect.poll(counted, { timeout: 60_000 }).toEqual({ rows: 1, clicks: 1 });
  await send(second.collector.url);
  await expect.poll(() => second.metric('turnout_log_bytes'), { timeout: 60_000 }).toBe(0);

  expect(await second.metric('turnout_duplicates_total')).toBe(1);
  expect(await counted()).toEqual({ rows: 1, clicks: 1 });
  const { ok, differences, duplicates } = await verify(database());
  expect({ ok, differences, duplicates }).toEqual({ ok: true, differences: [], duplicates: 0 });
});

test('stops within its time while the database holds a block, which counts once after the next start', async () => {
  const dataDir = await aFolder();
  const { collector, proxy, post } = await aCollector({ dataDir });
  proxy.setFault('held');
  const { ids } = await post(3);
  await expect.poll(proxy.held, { timeout: 60_000 }).toBeGreaterThan(0);

  // The test has less patience than a block.
  await collector.close();
  const next = await aCollector({ dataDir });

  const stored = () =>
    database().query<{ rows: number; ids: number }>(
      'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS ids FROM turnout.interactions WHERE toString(id) IN {ids:Array(String)}',
      { ids },
    );
  await expect.poll(stored, { timeout: 60_000 }).toEqual([{ rows: 3, ids: 3 }]);
  expect(await next.metric('turnout_duplicates_total')).toBe(0);
});

test('is ready while nothing can be stored, and says since when and why', async () => {
  const { proxy, post, readyz } = await aCollector();
  expect((await readyz()).checks.storing).toBe('ok');
  proxy.setFault({ code: 243, message: 'Cannot reserve 1.00 MiB, not enough space' });

  const begun = Date.now();
  expect((await post()).status).toBe(202);
  await expect
    .poll(async () => (await readyz()).checks.storing, { timeout: 60_000 })
    .toMatch(
      /^fails since .* [2-9] attempts so far: ClickHouse 243; the log of the collector says more \(\d+ bytes wait in the log;/,
    );
  const { ready, checks } = await readyz();
  expect(ready).toBe(true);
  expect(Date.parse(/since (\S+),/.exec(checks.storing ?? '')?.[1] ?? '')).toBeGreaterThanOrEqual(begun);

  proxy.setFault('none');
  await expect.poll(async () => (await readyz()).checks.storing, { timeout: 60_000 }).toBe('ok');
});
