import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDir, runTurnout, startCollector } from './collector.ts';
import { aSharedDatabase } from './shared-database.ts';

const SOON = { timeout: 60_000 };

const SITES = ['club', 'hall'].map((id) => ({
  id,
  time_zone: 'UTC',
  currency: 'GBP',
  write_keys: [`wk_${id}`],
  origins: [],
}));

/** A collector with a sites file of its own, as on a machine of its own. */
async function aCollector(url: string) {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  const sites = join(dataDir, 'sites.json');
  await writeFile(sites, JSON.stringify({ sites: SITES }));
  const env = {
    TURNOUT_CLICKHOUSE_URL: url,
    TURNOUT_COLLECTORS: '2',
    TURNOUT_SECRET: 'the same for both of them',
    TURNOUT_SITES: sites,
  };
  const collector = await startCollector(dataDir, [], env);
  onTestFinished(() => collector.kill());
  await expect.poll(async () => (await fetch(`${collector.url}/readyz`)).ok, SOON).toBe(true);
  const post = async (site: string) => {
    const interaction = {
      id: randomUUID(),
      type: 'click',
      occurred_at: Date.now(),
      entity_type: 'event',
      entity_id: 'e1',
    };
    const response = await fetch(`${collector.url}/v1/interactions?key=wk_${site}&attempt=0`, {
      method: 'POST',
      body: JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: 'v1',
        session_id: 's1',
        interactions: [interaction],
      }),
    });
    return response.status;
  };
  const logBytes = async () =>
    /^turnout_log_bytes (\d+)$/m.exec(await (await fetch(`${collector.url}/metrics`)).text())?.[1];
  const turnout = (...args: string[]) => runTurnout([...args, '--data-dir', dataDir], env);
  return { sites, post, logBytes, turnout, reload: collector.reload };
}

test('a site of two collectors is gone when both have given it up, and the command says how', {
  timeout: 180_000,
}, async () => {
  const { database, urlBy } = await aSharedDatabase();
  const first = await aCollector(urlBy());
  const second = await aCollector(urlBy());
  const rows = async () => {
    const found = await database.query<{ site_id: string; clicks: number }>(
      'SELECT site_id, toInt32(sum(clicks)) AS clicks FROM turnout.event_daily GROUP BY site_id ORDER BY site_id',
    );
    return Object.fromEntries(found.map(({ site_id, clicks }) => [site_id, clicks]));
  };
  for (const { post } of [first, second]) for (const { id } of SITES) expect(await post(id)).toBe(202);
  await expect.poll(rows, SOON).toEqual({ club: 2, hall: 2 });

  const early = await first.turnout('site', 'remove', 'hall', '--yes');
  expect(early).toMatchObject({ code: 0 });
  expect(early.err).toContain('Other collectors write into this database');
  expect(await rows()).toEqual({ club: 2 });
  // The other one was not told: what it takes comes back.
  expect([await first.post('hall'), await second.post('hall')]).toEqual([401, 202]);
  await expect.poll(rows, SOON).toEqual({ club: 2, hall: 1 });

  await writeFile(second.sites, JSON.stringify({ sites: SITES.slice(0, 1) }));
  second.reload();
  await expect.poll(() => second.post('hall'), SOON).toBe(401);
  await expect.poll(second.logBytes, SOON).toBe('0');
  const again = await first.turnout('site', 'remove', 'hall', '--yes');

  expect(again).toMatchObject({ code: 0 });
  const receipt = JSON.parse(again.out) as { deleted: Record<string, number>; remaining: number };
  expect(receipt).toMatchObject({ remaining: 0, other_collectors: 1 });
  expect(receipt.deleted.interactions).toBeGreaterThan(0);
  expect(await rows()).toEqual({ club: 2 });
  for (const { post } of [first, second]) expect(await post('club')).toBe(202);
  await expect.poll(rows, SOON).toEqual({ club: 4 });
  expect(await first.turnout('verify')).toMatchObject({ code: 0 });
});
