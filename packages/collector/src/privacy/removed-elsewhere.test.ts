import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { aDatabaseProxy } from '../testing/database-proxy.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** One of several collectors, with a sites file of its own. */
async function aCollector(url: string, sites: string[], collectors = '2') {
  const dataDir = await aFolder();
  const path = join(await aFolder(), 'sites.json');
  const entryOf = (id: string) => ({
    id,
    time_zone: 'UTC',
    currency: 'GBP',
    write_keys: [`wk_${id}`],
    origins: [],
  });
  await writeFile(path, JSON.stringify({ sites: sites.map(entryOf) }));
  const { host } = new URL(url);
  const config = readConfig(
    { port: '0', dataDir },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_COLLECTORS: collectors,
      TURNOUT_SECRET: 'the same for both of them',
      TURNOUT_SITES: path,
    },
  );
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(config, { log: silent });
  onTestFinished(collector.close);
  const post = async (site: string, visitor: string) => {
    const interactions = [{ id: randomUUID(), type: 'click', occurred_at: Date.now() }];
    const batch = { batch_id: randomUUID(), visitor_id: visitor, session_id: visitor, interactions };
    const address = `${collector.url}/v1/interactions?key=wk_${site}&attempt=0`;
    return (await fetch(address, { method: 'POST', body: JSON.stringify(batch) })).status;
  };
  const remove = async (site: string) => {
    const response = await fetch(`${collector.url}/v1/admin/remove-site?site=${site}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${collector.adminToken}` },
    });
    return JSON.parse((await response.text()).trim().split('\n').at(-1) ?? '') as {
      receipt?: { deleted: object; remaining: number };
      error?: string;
    };
  };
  return { post, remove };
}

const visitors = async () => {
  const rows = await database().query<{ name: string }>(
    "SELECT site_id, visitor_id, concat(site_id, ' ', visitor_id) AS name FROM turnout.interactions ORDER BY name",
  );
  return rows.map(({ name }) => name);
};

test('what waits in the log of another collector does not bring a removed site back', {
  timeout: 120_000,
}, async () => {
  const proxy = await aDatabaseProxy(() => engine().url());
  const first = await aCollector(engine().url(), ['club']);
  const second = await aCollector(proxy.url, ['club', 'hall']);
  expect(await second.post('hall', 'stored')).toBe(202);
  expect(await first.post('club', 'stored')).toBe(202);
  await expect.poll(visitors, { timeout: 60_000 }).toEqual(['club stored', 'hall stored']);

  proxy.setFault('down');
  expect(await second.post('hall', 'waiting')).toBe(202);
  expect(await second.post('club', 'waiting')).toBe(202);
  expect(await first.remove('hall')).toMatchObject({
    receipt: { deleted: { interactions: 1 }, remaining: 0 },
  });
  expect(await visitors()).toEqual(['club stored']);
  proxy.setFault('none');

  // Its sites file has it still: what comes now is its own decision, and what came before the removal is not.
  expect(await second.post('hall', 'later')).toBe(202);
  await expect.poll(visitors, { timeout: 60_000 }).toEqual(['club stored', 'club waiting', 'hall later']);
});

test('a site that nobody knows is no site to remove', async () => {
  const collector = await aCollector(engine().url(), ['club'], '1');

  const { error } = await collector.remove('hlal');

  expect(error).toMatch(/^There is no site "hlal".*Sites with rows: .*"club"/);
  // A second time is no other: nothing was noted down.
  expect((await collector.remove('hlal')).error).toBe(error);
});

test('a misspelt site is told to no other collector', async () => {
  const first = await aCollector(engine().url(), ['club']);
  await aCollector(engine().url(), ['club']);

  expect((await first.remove('clbu')).error).toMatch(/^There is no site "clbu"/);

  const told = await database().query("SELECT 1 FROM turnout.erasures WHERE site_id = 'clbu'");
  expect(told).toEqual([]);
});
