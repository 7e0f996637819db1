import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireClusterName } from './cluster-rows.ts';
import { aRow, at, day, openShard } from './engine.test-helper.ts';
import { erase, eraseSite } from './erase.ts';
import { verify } from './verify.ts';

let shard: Awaited<ReturnType<typeof openShard>>;
beforeEach(async () => {
  shard = await openShard();
  await shard.insert(history());
  shard.sent.length = 0;
});
afterEach(() => shard.close());

const TYPES = [
  ...(['impression', 'click', 'view', 'search', 'purchase', 'exposure'] as const),
  ...(['waitlist_join', 'follow', 'media_play'] as const),
];

/** Three people who share sessions, on two sites, over a few days. */
function history() {
  return Array.from({ length: 90 }, (_, index) =>
    aRow({
      ...{ type: TYPES[index % TYPES.length] ?? 'click', site_id: index % 7 === 0 ? 'other' : 'demo' },
      ...{ ts: at((index % 4) + 0.3), user_key: String((index % 3) + 1), session_id: `s${index % 5}` },
      ...{ entity_id: `e${index % 4}`, artist_id: 'a1', genre: 'jazz', city: 'Austin', site_value: '12.5' },
      ...{ experiment: 'x', variant: 'a', search_id: `q${index % 4}` },
    }),
  );
}

const rowsIn = async (table: string, where: string) => {
  const [row] = await shard.query<{ rows: string }>(
    `SELECT toString(count()) AS rows FROM turnout.${table} WHERE ${where}`,
  );
  return Number(row?.rows);
};

/** What was sent before the first statement with a part. */
function sentBefore(part: string): string[] {
  const index = shard.sent.findIndex((sql) => sql.includes(part));
  expect(index).toBeGreaterThanOrEqual(0);
  return shard.sent.slice(0, index);
}

/** What a cluster would get: parsed by the engine, and to the rows of every shard. */
async function expectToReachShards(): Promise<void> {
  expect(shard.sent.length).toBeGreaterThan(5);
  for (const sql of shard.sent) {
    // SYSTEM is nothing that can be explained; to format it is to parse it.
    if (sql.startsWith('SYSTEM'))
      await expect(shard.query('SELECT formatQuery({sql:String})', { sql })).resolves.toHaveLength(1);
    else await expect(shard.query(`EXPLAIN AST ${sql}`)).resolves.not.toHaveLength(0);
    // Rows find their shard by themselves; what has one copy for all machines, or counts by itself, is told to one.
    if (
      !/(^INSERT|turnout\.(erasure_scope|people|identity_links|entities|funnel_day)\b|REFRESH VIEW|WAIT VIEW)/.test(
        sql,
      )
    )
      expect(sql).toContain("ON CLUSTER 'fans'");
    if (/^ALTER|^OPTIMIZE/.test(sql) && sql.includes('ON CLUSTER'))
      expect(sql).toMatch(/turnout\.\w+_local ON/);
  }
}

test('the tables of a shard count what its rows say', async () => {
  expect(await rowsIn('interactions', '1')).toBe(90);
  expect(await rowsIn('interactions_local', '1')).toBe(90);
  expect(await verify(shard)).toMatchObject({ ok: true, differences: [] });
});

test('readers see a session once, in how many pieces it ever stands', async () => {
  await shard.command('SYSTEM STOP MERGES turnout.sessions_local');
  // Of the same sessions, and of somebody who came before.
  await shard.insert([
    aRow({ ts: at(6), user_key: '9', session_id: 's1' }),
    aRow({ ts: at(5), session_id: 's2' }),
  ]);

  const sessions = [
    'SELECT toUInt32(uniqExact(site_id, session_id)) AS n FROM turnout.interactions',
    'SELECT toUInt32(sum(sessions_count)) AS n FROM turnout.user_daily',
    'SELECT toUInt32(sum(sessions)) AS n FROM turnout.site_daily',
    'SELECT toUInt32(sum(sessions_30)) AS n FROM turnout.churn_risk',
  ].map(async (sql) => (await shard.query<{ n: number }>(sql))[0]?.n);
  expect(await Promise.all(sessions)).toEqual([10, 10, 10, 10]);
  expect(
    await shard.query(
      'SELECT date, toUInt32(sessions_count) AS n FROM turnout.user_daily WHERE user_key = 9',
    ),
  ).toEqual([{ date: day(6), n: 1 }]);
});

test('an erasure reaches the rows of every shard, and what is left is counted anew', async () => {
  const his = await rowsIn('interactions', `site_id = 'demo' AND user_key = 2`);

  const order = { id: randomUUID(), site_id: 'demo', user_keys: ['1'], at: Date.now() };
  const { deleted, remaining } = await erase(shard, order);

  expect(remaining).toBe(0);
  expect(Object.keys(deleted)).toEqual(
    expect.arrayContaining(['interactions', 'user_day', 'user_state', 'searches', 'sessions']),
  );
  for (const table of [
    'interactions',
    'user_day',
    'user_state',
    'user_preferences',
    'searches',
    'waitlist_day',
  ])
    expect(await rowsIn(table, `site_id = 'demo' AND user_key = 1`), table).toBe(0);
  expect(await rowsIn('interactions', `site_id = 'demo' AND user_key = 2`)).toBe(his);
  expect(await verify(shard)).toMatchObject({ ok: true, differences: [] });
  await expectToReachShards();
  // Replicas agree on who is to go before any of them deletes.
  expect(sentBefore('DELETE WHERE')).toContain(
    "SYSTEM SYNC REPLICA ON CLUSTER 'fans' turnout.interactions_local",
  );
  expect(sentBefore('DELETE WHERE').join()).toContain('turnout.erasure_scope');
});

test('a site goes from every shard, and the other site stays', async () => {
  const other = await rowsIn('interactions', `site_id = 'other'`);

  const { deleted, remaining } = await eraseSite(shard, 'demo');

  expect(remaining).toBe(0);
  expect(deleted.interactions).toBe(90 - other);
  expect(await rowsIn('entity_day', `site_id = 'demo'`)).toBe(0);
  expect(await rowsIn('interactions', `site_id = 'other'`)).toBe(other);
  // Replicas that lag would say that there is nothing to delete.
  for (const table of ['interactions_local', 'entity_day_local', 'people'])
    expect(sentBefore('DELETE WHERE')).toContain(`SYSTEM SYNC REPLICA ON CLUSTER 'fans' turnout.${table}`);
  expect(await verify(shard)).toMatchObject({ ok: true, differences: [] });
  await expectToReachShards();
});

test('what differs from raw is rebuilt from the rows of all shards', async () => {
  await shard.command('TRUNCATE TABLE turnout.sessions_local');
  await shard.command('TRUNCATE TABLE turnout.user_state_local');
  await shard.command('TRUNCATE TABLE turnout.media_day_local');
  await shard.command('TRUNCATE TABLE turnout.site_day_local');
  await shard.command(
    `INSERT INTO turnout.entity_day SETTINGS insert_deduplicate = 0, distributed_foreground_insert = 1 SELECT * FROM turnout.entity_day_local`,
  );
  shard.sent.length = 0;

  const healed = await verify(shard, { repair: true });

  const wrong = healed.repaired?.tables.filter(({ differences }) => differences > 0);
  expect(wrong?.map(({ table }) => table).sort()).toEqual([
    'entity_day',
    'media_day',
    'sessions',
    'site_day',
    'user_state',
  ]);
  expect(healed).toMatchObject({ ok: true, differences: [] });
  // What is counted anew is read when replicas agree on raw, and compared when they agree on it.
  const refilled = shard.sent.findIndex((sql) => sql.startsWith('INSERT INTO turnout.sessions '));
  const synced = (table: string) => `SYSTEM SYNC REPLICA ON CLUSTER 'fans' turnout.${table}_local`;
  expect(shard.sent.slice(refilled - 1, refilled)).toEqual([synced('interactions')]);
  expect(shard.sent.slice(refilled + 1, refilled + 2)).toEqual([synced('sessions')]);
  // From the rows of all shards, and to whichever they belong to.
  for (const sql of shard.sent.filter((it) => it.startsWith('INSERT'))) expect(sql).not.toContain('_local');
  await expectToReachShards();
});

test('rows of a cluster are not changed where its name is not set', async () => {
  const nameless = { ...shard, cluster: undefined };

  await expect(requireClusterName(nameless, 'Erasing people')).rejects.toThrow(
    'Set TURNOUT_CLICKHOUSE_CLUSTER',
  );
  await expect(requireClusterName(shard, 'Erasing people')).resolves.toBeUndefined();
});
