import { randomUUID } from 'node:crypto';
import { beginBackfill } from '@turnout/schema/migrate';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, test } from 'vitest';
import { askCollector } from './cli/ask-collector.ts';
import { openDisk } from './log/disk.ts';
import { readConfig, startCollector } from './node.ts';
import { blocksUnderWay } from './plan.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

test('an upgrade takes and stores rows while it fills the history in, and counts both once', async () => {
  // What an earlier version leaves: a history, and rollups that are not recorded as filled.
  await database().command(
    `INSERT INTO turnout.interactions (site_id, id, ts, received_at, local_date, type, user_key, genre, query, batch)
     SELECT 'demo', generateUUIDv4(), now64(3) - INTERVAL number % 40 DAY AS at, at, toDate(at), if(number % 2, 'search', 'click'),
       number % 100, 'jazz', 'monk', generateUUIDv4() FROM numbers(5000)`,
  );
  await database().command('TRUNCATE TABLE turnout.backfills');
  await database().command('TRUNCATE TABLE turnout.searches');

  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const said: string[] = [];
  const log = { info: (_: object, text: string) => said.push(text), warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log });
  onTestFinished(collector.close);
  const rollups = async () =>
    ((await (await fetch(`${collector.url}/readyz`)).json()) as { checks: { rollups: string } }).checks
      .rollups;
  const post = async () => {
    const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
      method: 'POST',
      body: JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: 'v',
        session_id: randomUUID(),
        interactions: [
          { id: randomUUID(), type: 'search', occurred_at: Date.now(), query: 'monk' },
          { id: randomUUID(), type: 'click', occurred_at: Date.now(), props: { genre: 'jazz' } },
        ],
      }),
    });
    expect(response.status).toBe(202);
  };
  await expect
    .poll(
      async () => {
        await post();
        return said.includes('new rollups are filled') && (await rollups());
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe('ok');

  const { verification } = await askCollector<object, { verification: { ok: boolean } }>(
    { url: collector.url, admin_token: collector.adminToken },
    '/v1/admin/verify',
    () => {},
  );

  expect(said).toContain('a new rollup is being filled from raw');
  expect(verification).toMatchObject({ ok: true, differences: [] });
  const [left] = await database().query<{ tables: string }>(
    `SELECT toString(count()) AS tables FROM system.tables WHERE database = 'turnout' AND startsWith(name, 'backfill_')`,
  );
  expect(left?.tables).toBe('0');
}, 60_000);

test('a block that is in raw and not yet noted is counted once', async () => {
  await database().command('TRUNCATE TABLE turnout.backfills');
  const backfill = await beginBackfill(database(), { isAlone: true });
  // Views get a block after raw has it. This one keeps the others waiting for three seconds.
  await database().command(
    `CREATE MATERIALIZED VIEW turnout.aa_slow_mv (batch UUID, slept UInt8) ENGINE = Memory
     AS SELECT batch, sleepEachRow(1) AS slept FROM turnout.interactions`,
  );
  onTestFinished(() => database().command('DROP TABLE turnout.aa_slow_mv'));
  const token = randomUUID();
  const rows = Array.from({ length: 3 }, () =>
    JSON.stringify({
      ...anExposure(),
      batch: token,
    }),
  ).join('\n');

  const inserting = database().insertBlock('turnout.interactions', token, Buffer.from(rows));
  const seen = () =>
    database().query(`SELECT toUInt8(count()) AS rows,
        (SELECT toUInt8(count()) FROM turnout.backfill_batches WHERE batch = '${token}') AS noted
      FROM turnout.interactions WHERE batch = '${token}'`);
  await expect.poll(seen, { interval: 20 }).toEqual([{ rows: 3, noted: 0 }]);
  await backfill?.fill();
  await inserting;

  expect(await verify(database())).toMatchObject({ ok: true, differences: [] });
}, 60_000);

const anExposure = () => {
  const at = new Date().toISOString().replace('T', ' ').slice(0, -1);
  return {
    site_id: 'demo',
    id: randomUUID(),
    id_day: at.slice(0, 10),
    type: 'exposure',
    ts: at,
    received_at: at,
    local_date: at.slice(0, 10),
    user_key: '7',
    experiment: 'poster',
    variant: 'a',
  };
};

test('a plan without its segment has been carried out, and is no block under way', async () => {
  const disk = await openDisk(await aFolder());
  await disk.write('000000000001.log.plan', Buffer.from('not read'));

  expect(await blocksUnderWay(disk)).toEqual([]);
});

test('a plan that the writer removes while plans are read is no block under way, and no failure', async () => {
  const disk = await openDisk(await aFolder());
  await disk.write('000000000001.log', Buffer.from('a segment'));
  await disk.write('000000000001.log.plan', Buffer.from('not read'));
  const list = async () => {
    const names = await disk.list();
    await disk.remove('000000000001.log');
    await disk.remove('000000000001.log.plan');
    return names;
  };

  expect(await blocksUnderWay({ ...disk, list })).toEqual([]);
});

test('batches are taken while rows may not be stored yet, and stored when they may', async () => {
  await database().command('TRUNCATE TABLE turnout.backfills');
  // Of another collector, which has begun and not yet said that rows may be stored.
  await database().command(
    'CREATE TABLE turnout.backfill_claim_000001 (at DateTime64(3), open UInt8) ENGINE = MergeTree ORDER BY at',
  );
  await database().command('INSERT INTO turnout.backfill_claim_000001 SELECT now64(3), 0');
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_COLLECTORS: '2',
    },
  );
  const collector = await startCollector(config, { log: { info() {}, warn() {}, error() {} } });
  onTestFinished(collector.close);
  const isReady = async () => (await fetch(`${collector.url}/readyz`)).status;
  const visitor_id = randomUUID();

  await expect.poll(isReady, { timeout: 60_000 }).toBe(200);
  const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ batch_id: randomUUID(), visitor_id, session_id: randomUUID() },
      interactions: [{ id: randomUUID(), type: 'search', occurred_at: Date.now(), query: 'waits' }],
    }),
  });
  expect(response.status).toBe(202);
  const stored = () => database().query(`SELECT 1 FROM turnout.interactions WHERE query = 'waits'`);
  expect(await stored()).toHaveLength(0);

  await database().command('DROP TABLE turnout.backfill_claim_000001');

  await expect.poll(async () => (await stored()).length, { timeout: 60_000 }).toBe(1);
}, 60_000);
