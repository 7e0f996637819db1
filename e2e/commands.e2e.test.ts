import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDir, aDataDirWithTables, runTurnout, startCollector } from './collector.ts';

async function aCollector(flags: string[] = []) {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir, flags);
  onTestFinished(() => collector.kill());
  return collector;
}

const aBatch = (interactions: object[]) => ({
  batch_id: randomUUID(),
  sdk: 'e2e/1',
  visitor_id: 'v1',
  session_id: 's1',
  interactions,
});
const aClick = (extra: object = {}) => ({
  id: randomUUID(),
  type: 'click',
  occurred_at: Date.now(),
  entity_type: 'event',
  entity_id: 'evt-1',
  ...extra,
});

const post = (url: string, batch: object) =>
  fetch(`${url}/v1/interactions?key=wk_demo&attempt=0&sent_at=${Date.now()}`, {
    method: 'POST',
    body: JSON.stringify(batch),
  });

test('an acknowledged interaction is in SQL within 2 s, a rejected one with its reason, its neighbours too', async () => {
  const collector = await aCollector();
  const [first, second] = [aClick(), aClick()];
  const sent = Date.now();

  const response = await post(collector.url, aBatch([first, { ...aClick(), type: 'teleport' }, second]));

  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({
    accepted: 2,
    rejected: [{ index: 1, code: 'unknown_type' }],
  });
  const stored = () =>
    collector.query<{ stored: string }>('SELECT toString(id) AS stored FROM interactions ORDER BY stored');
  await expect.poll(stored, { timeout: 60_000, interval: 50 }).toHaveLength(2);
  // Not a measurement of speed: the promise is 2 s, and a seal that never comes would take for ever.
  expect(Date.now() - sent).toBeLessThan(10_000);
  expect((await stored()).map((row) => row.stored)).toEqual([first.id, second.id].sort());
  await expect
    .poll(() => collector.query('SELECT index, code, message, text FROM rejected_interactions'))
    .toEqual([
      {
        index: 1,
        code: 'unknown_type',
        message: expect.stringContaining('"type" is "teleport"'),
        text: expect.stringContaining('"teleport"'),
      },
    ]);
});

test('SIGTERM stores what was acknowledged and exits 0', async () => {
  const collector = await aCollector();
  await post(collector.url, aBatch([aClick()]));

  expect(await collector.stop()).toBe(0);

  const { out } = await runTurnout([
    'query',
    'SELECT toUInt32(count()) AS rows FROM interactions',
    '--data-dir',
    collector.dataDir,
  ]);
  expect(out).toBe('{"rows":1}\n');
});

test('says which flag helps when a port or the folder is taken', async () => {
  const collector = await aCollector();
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  const port = new URL(collector.url).port;

  const samePort = await runTurnout(['serve', '--port', port, '--sql-port', '0', '--data-dir', dataDir]);
  const sameFolder = await runTurnout([
    'serve',
    '--port',
    '0',
    '--sql-port',
    '0',
    '--data-dir',
    collector.dataDir,
  ]);

  expect(samePort).toMatchObject({
    code: 1,
    err: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use. Choose another with --port`),
  });
  expect(sameFolder).toMatchObject({
    code: 1,
    err: expect.stringContaining(`in use by another collector (process ${collector.pid})`),
  });
});

test('seeding the same days twice counts once, and every rollup agrees', async () => {
  const collector = await aCollector();
  const seed = () =>
    runTurnout(['seed', '--days', '20', '--visits', '5', '--events', '10', '--data-dir', collector.dataDir]);
  const count = async () => {
    await runTurnout(['verify', '--data-dir', collector.dataDir]);
    return collector.query<{ rows: number; days: number }>(
      'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id_day)) AS days FROM interactions',
    );
  };

  expect((await seed()).code).toBe(0);
  const [first] = await count();
  expect((await seed()).code).toBe(0);
  const [second] = await count();

  expect(first?.rows).toBeGreaterThan(500);
  expect(first?.days).toBeGreaterThanOrEqual(19);
  expect(second).toEqual(first);
  const verified = await runTurnout(['verify', '--data-dir', collector.dataDir]);
  expect(verified).toMatchObject({
    code: 0,
    out: expect.stringContaining('Every rollup equals its recount from raw.'),
  });
});

test('migrates an empty folder, and finds nothing to do afterwards', async () => {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);

  const first = await runTurnout(['migrate', '--data-dir', dataDir]);
  const second = await runTurnout(['migrate', '--data-dir', dataDir]);

  expect(first.out).toMatch(/Applied \d+ migrations\./);
  expect(second.out).toBe('Up to date.\n');
});

test('the wrong token opens nothing', async () => {
  const collector = await aCollector();

  const response = await fetch(`${collector.url}/v1/admin/verify`, {
    method: 'POST',
    headers: { Authorization: 'Bearer guess' },
  });

  expect(response.status).toBe(401);
});

test('explains itself: help, an unknown command, a statement that cannot run', async () => {
  expect((await runTurnout(['--help'])).out).toContain('serve');
  expect(await runTurnout(['fly'])).toMatchObject({ code: 1, err: expect.stringContaining('fly') });
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  expect(await runTurnout(['query', 'DROP TABLE interactions', '--data-dir', dataDir])).toMatchObject({
    code: 1,
    err: expect.stringContaining('DROP is not a reading statement'),
  });
});
