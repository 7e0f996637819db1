import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

async function aCollector(dataDir: string) {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const errors: object[] = [];
  const collector = await startCollector(config, {
    log: { info: () => {}, warn: () => {}, error: (details) => errors.push(details) },
  });
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await collector.close();
    isClosed = true;
  };
  onTestFinished(close);
  return { url: collector.url, errors, close };
}

const visitors = async () => {
  const rows = await database().query<{ visitor: string }>(
    'SELECT DISTINCT visitor_id AS visitor FROM turnout.interactions ORDER BY visitor',
  );
  return rows.map(({ visitor }) => visitor);
};

test('finishes an erasure that was cut off, though the removal of a site before it cannot be', {
  timeout: 180_000,
}, async () => {
  const dataDir = await aFolder();
  const first = await aCollector(dataDir);
  for (const visitor_id of ['gone', 'gone too', 'stays']) {
    const interactions = [{ id: randomUUID(), type: 'click', occurred_at: Date.now() }];
    const batch = { batch_id: randomUUID(), visitor_id, session_id: visitor_id, interactions };
    const address = `${first.url}/v1/interactions?key=wk_demo`;
    expect((await fetch(address, { method: 'POST', body: JSON.stringify(batch) })).status).toBe(202);
  }
  await expect.poll(visitors, { timeout: 60_000 }).toHaveLength(3);
  await first.close();
  const write = (name: string, what: object[]) => writeFile(join(dataDir, name), JSON.stringify(what));
  // No site has such a name: its removal fails at each start.
  await write('removed-sites.json', [{ site_id: 'NO SITE', isDone: false }]);
  const erasure = { site_id: 'demo', at: Date.now(), user_keys: [], isDone: false };
  // Nor is that an id: this erasure fails, too.
  await write('erasures.json', [
    { ...erasure, id: "no'id", user_keys: ['1'], ids: [] },
    { ...erasure, id: randomUUID(), ids: ['gone', 'gone too'] },
  ]);

  const second = await aCollector(dataDir);

  await expect.poll(visitors, { timeout: 120_000 }).toEqual(['stays']);
  await expect.poll(() => second.errors, { timeout: 60_000 }).toHaveLength(2);
  expect(second.errors[0]).toMatchObject({ site: 'NO SITE' });
});
