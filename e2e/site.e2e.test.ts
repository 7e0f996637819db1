import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, type RunningCollector, runTurnout, startCollector } from './collector.ts';

const SOON = { timeout: 60_000 };

interface Added {
  write_key: string;
  secret_key: string;
  loaded: boolean;
}

async function twoSites() {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const file = join(dataDir, 'sites.json');
  const env = { TURNOUT_SITES: file };
  const turnout = (...args: string[]) => runTurnout(['site', ...args, '--data-dir', dataDir], env);
  const add = async (id: string): Promise<Added> => {
    const { code, out, err } = await turnout('add', id, '--time-zone', 'Europe/London', '--currency', 'GBP');
    expect([code, err]).toEqual([0, expect.stringContaining('shown this once')]);
    return JSON.parse(out) as Added;
  };
  const club = await add('club');
  const collector = await startCollector(dataDir, [], env);
  const hall = await add('hall');
  return { dataDir, file, env, turnout, club, hall, collector };
}

/** Two visitors: one looks, one buys and signs in; and one interaction that is rejected. */
async function visit({ url }: RunningCollector, key: string): Promise<number[]> {
  const at = Date.now() - 1_000;
  const about = {
    occurred_at: at,
    entity_type: 'event',
    entity_id: 'e1',
    props: { artist_id: 'a1', genre: 'jazz' },
  };
  const post = async (who: object, interactions: object[]) => {
    const body = {
      batch_id: randomUUID(),
      session_id: randomUUID(),
      ...who,
      interactions: interactions.map((one) => ({ id: randomUUID(), ...about, ...one })),
    };
    const response = await fetch(`${url}/v1/interactions?key=${key}&attempt=0`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return response.status;
  };
  return [
    await post({ visitor_id: 'looks' }, [
      { type: 'page_view' },
      { type: 'impression' },
      { type: 'search', query: 'jazz', search_id: 's1' },
      { type: 'click', search_id: 's1' },
      { type: 'exposure', experiment: 'x', variant: 'a' },
      { type: 'waitlist_join' },
      { type: 'click', occurred_at: 1 },
    ]),
    await post({ visitor_id: 'buys', user_id: 'ann' }, [
      { type: 'identify', props: { birth_year: 1990, city: 'London' } },
      { type: 'ticket_click' },
      { type: 'purchase', value: 50, order_id: 'o1' },
    ]),
  ];
}

const tablesOfSites = async ({ query }: RunningCollector) =>
  (
    await query<{ table: string }>(
      `SELECT DISTINCT table FROM system.columns WHERE database = 'turnout' AND name = 'site_id'
         AND table IN (SELECT name FROM system.tables WHERE database = 'turnout' AND engine LIKE '%MergeTree')`,
    )
  ).map(({ table }) => table);

/** Tables in which a site has rows. */
async function tablesWith(collector: RunningCollector, site: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tablesOfSites(collector)) {
    const [row] = await collector.query<{ rows: string }>(
      `SELECT toString(count()) AS rows FROM turnout.${table} WHERE site_id = '${site}'`,
    );
    if (row?.rows !== '0') found.push(table);
  }
  return found.sort();
}

/** What analysts see of a site, and its rows. */
const numbersOf = async ({ query }: RunningCollector, site: string) => {
  const numbers: { [name: string]: object[] } = {};
  for (const name of [
    'interactions',
    'event_daily',
    'user_daily',
    'artist_daily',
    'search_daily',
    'rejected_interactions',
    'identity_links',
  ])
    numbers[name] = await query<object>(
      `SELECT * FROM turnout.${name} WHERE site_id = '${site}' ORDER BY ALL`,
    );
  return numbers;
};

test('a site is added to a running collector and removed from it with all its data, and the other keeps every row', async () => {
  const { dataDir, file, turnout, club, hall, collector } = await twoSites();
  onTestFinished(() => collector.kill());
  expect([club.loaded, hall.loaded]).toEqual([false, true]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).not.toContain(hall.secret_key);
  const catalog = await fetch(`${collector.url}/v1/catalog`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${hall.secret_key}` },
    body: JSON.stringify({ entity_type: 'event', entity_id: 'e1', name: 'of the hall' }),
  });
  expect(catalog.status).toBe(200);
  expect(await visit(collector, club.write_key)).toEqual([202, 202]);
  expect(await visit(collector, hall.write_key)).toEqual([202, 202]);
  await expect
    .poll(() => tablesWith(collector, 'hall'), SOON)
    .toEqual(
      expect.arrayContaining([
        'entities',
        'entity_day',
        'identity_links',
        'interactions',
        'rejected_interactions',
        'searches',
        'sessions',
        'user_state',
      ]),
    );
  // Facts are stored behind the rows: only then is all of the other site there.
  await expect
    .poll(() => tablesWith(collector, 'club'), SOON)
    .toEqual(expect.arrayContaining(['identity_links', 'people', 'rejected_interactions']));
  const before = await numbersOf(collector, 'club');
  expect(before.interactions).toHaveLength(9);

  expect(await turnout('remove', 'hall')).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
  expect(await visit(collector, hall.write_key)).toEqual([202, 202]);
  const removed = await turnout('remove', 'hall', '--yes');

  expect([removed.code, removed.code === 0 ? '' : removed.err]).toEqual([0, '']);
  expect(JSON.parse(removed.out)).toMatchObject({
    site_id: 'hall',
    remaining: 0,
    // What waited in the log is among them, and an order is one row.
    deleted: { interactions: 17, rejected_interactions: 2, sessions: 4 },
  });
  expect(await visit(collector, hall.write_key)).toEqual([401, 401]);
  expect(await tablesWith(collector, 'hall')).toEqual([]);
  expect(await numbersOf(collector, 'club')).toEqual(before);
  expect((await runTurnout(['verify', '--data-dir', dataDir])).code).toBe(0);
  expect(await turnout('remove', 'club', '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('only site'),
  });
});

test('a removal that is cut off by a crash is finished at the next start; the same id may begin anew', async () => {
  const { dataDir, env, turnout, hall, collector } = await twoSites();
  expect(await visit(collector, hall.write_key)).toEqual([202, 202]);
  const state = () => readFile(join(dataDir, 'removed-sites.json'), 'utf8').catch(() => '');
  const removing = turnout('remove', 'hall', '--yes');
  await expect.poll(state, { ...SOON, interval: 2 }).toContain('"hall"');
  await collector.kill();
  await removing;

  const next = await startCollector(dataDir, [], env);
  onTestFinished(() => next.kill());
  await expect.poll(state, SOON).toBe('[{"site_id":"hall","isDone":true}]');

  expect(await tablesWith(next, 'hall')).toEqual([]);
  const { out } = await turnout('add', 'hall', '--time-zone', 'UTC', '--currency', 'USD');
  expect(await visit(next, (JSON.parse(out) as Added).write_key)).toEqual([202, 202]);
  await expect.poll(() => tablesWith(next, 'hall'), SOON).toContain('interactions');
});
