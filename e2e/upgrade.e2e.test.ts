import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDir, type RunningCollector, runTurnout, startCollector } from './collector.ts';
import { aVisit, IN_THE_LOG, INTERACTIONS_A_VISIT, post, STORED, THEN } from './upgrade/traffic.mjs';

const at = (name: string) => fileURLToPath(new URL(`upgrade/${name}`, import.meta.url));

/**
 * As the first version left it: migrations up to 0020, the engine of chdb 3.2.0 (26.5), the collector killed with five
 * batches in its log. Made by `upgrade/make-data-directory.mjs`, of an older version whose views were given a name behind their
 * last subquery: that engine would take the word COMMENT for it.
 */
const ARCHIVE = at('first-release-chdb-3.2.0.tgz');

/** A day after the older collector stopped. */
const NOW = THEN + 86_400_000;
const ENV = {
  TURNOUT_TEST_TIME: new Date(NOW).toISOString(),
  NODE_OPTIONS: `--import ${at('clock.mjs')}`,
};

async function anOlderDataDir(): Promise<string> {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', dataDir]);
  return dataDir;
}

async function start(dataDir: string): Promise<RunningCollector> {
  const collector = await startCollector(dataDir, [], ENV);
  onTestFinished(() => collector.kill());
  return collector;
}

const counted = async (collector: RunningCollector) => {
  const [row] = await collector.query<Record<string, number>>(`
    SELECT (SELECT toInt32(count()) FROM interactions) AS rows,
      (SELECT toInt32(uniqExact(id)) FROM interactions) AS ids,
      (SELECT toInt32(sum(clicks)) FROM event_daily) AS clicks,
      (SELECT toInt32(sum(performed)) FROM searches) AS searches`);
  return row;
};
const once = (visits: number) => ({
  rows: visits * INTERACTIONS_A_VISIT,
  ids: visits * INTERACTIONS_A_VISIT,
  clicks: visits,
  searches: visits,
});

const untilWell = (collector: RunningCollector) =>
  expect
    .poll(async () => (await fetch(`${collector.url}/readyz`)).json(), { timeout: 60_000 })
    .toMatchObject({ ready: true, checks: { rollups: 'ok', migrations: 'ok' } });

test('an upgrade takes over what an older version and an older engine stored, and counts all of it once', {
  timeout: 180_000,
}, async () => {
  const dataDir = await anOlderDataDir();

  const collector = await start(dataDir);
  // While histories are being filled in: people who are new, and browsers that never heard that they were acknowledged.
  const arriving = Array.from({ length: 10 }, (_, number) => aVisit(200 + number, 0, NOW));
  for (const batch of arriving) await post(collector.url, batch);
  for (const batch of [...STORED, ...IN_THE_LOG]) await post(collector.url, batch, 1);
  await untilWell(collector);
  const visits = STORED.length + IN_THE_LOG.length + arriving.length;
  await expect
    .poll(async () => (await counted(collector))?.rows, { timeout: 60_000 })
    .toBe(once(visits).rows);
  const verified = await runTurnout(['verify', '--data-dir', dataDir], ENV);

  expect(verified.out).toContain('Every rollup equals its recount from raw.');
  expect(await counted(collector)).toEqual(once(visits));
  expect(collector.logged()).toContain('new rollups are filled');
  // The secret is that of before: the same visitor is the same person.
  await post(collector.url, { ...aVisit(300, 0, NOW), visitor_id: 'visitor-0' });
  const people = () =>
    collector.query(
      `SELECT toInt32(count()) AS rows, toInt32(uniqExact(user_key)) AS people FROM interactions WHERE visitor_id = 'visitor-0'`,
    );
  await expect.poll(people, { timeout: 60_000 }).toEqual([{ rows: 2 * INTERACTIONS_A_VISIT, people: 1 }]);
});

test('an upgrade that is cut off goes on at the next start', { timeout: 180_000 }, async () => {
  const dataDir = await anOlderDataDir();
  const first = await start(dataDir);
  await post(first.url, aVisit(200, 0, NOW));
  // The engine first: without its parent it ends by itself, and then there is nothing to kill.
  process.kill(first.enginePid, 'SIGKILL');
  await first.kill();

  const second = await start(dataDir);
  await untilWell(second);

  const visits = STORED.length + IN_THE_LOG.length + 1;
  await expect.poll(() => counted(second), { timeout: 60_000 }).toEqual(once(visits));
  expect(await runTurnout(['verify', '--data-dir', dataDir], ENV)).toMatchObject({ code: 0 });
});
