import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated, UNCOMPILED } from './engine.test-helper.ts';
import { type Database, type ErasureOrder, erase, eraseSite } from './erase.ts';
import { requireInsertsOver } from './inserts-over.ts';
import { verify } from './verify.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openMigrated(UNCOMPILED);
  for (const block of [0, 1, 2]) await engine.insert(history(block));
  // Versions that have not merged yet go, too.
  for (const version of [1, 2]) {
    await engine.command(
      `INSERT INTO turnout.people (site_id, user_key, version, gender) VALUES ('demo', 1, ${version}, 'female'), ('demo', 2, ${version}, 'male')`,
    );
    await engine.command(
      `INSERT INTO turnout.identity_links (site_id, visitor_key, user_key, linked_at) VALUES ('demo', 1, 2, now64(3)), ('demo', 3, 1, now64(3)), ('demo', 3, 2, now64(3))`,
    );
  }
  await engine.command(
    `INSERT INTO turnout.rejected_interactions (site_id, received_at, received_day, batch_id, user_key, text)
     VALUES ('demo', now64(3), today(), 'b', 1, 'hers'), ('demo', now64(3), today(), 'c', 2, 'his')`,
  );
});
afterEach(() => engine.close());

/**
 * Which statements an erasure is cut off at: every ninth keeps the test short. `ERASURE_STEP=1` takes all of them,
 * and another start takes others.
 */
const STEP = Number(process.env.ERASURE_STEP ?? 9);
const FIRST = Number(process.env.ERASURE_FIRST ?? Math.min(2, STEP - 1));
const TIMEOUT_MS = STEP < 9 ? 1_800_000 : 300_000;

const TYPES = [
  'impression',
  'click',
  'view',
  'search',
  'purchase',
  'exposure',
  'waitlist_join',
  'follow',
] as const;

/** Three people who share sessions, on two sites, over days and months. */
function history(block: number, site?: string, days = 60) {
  return Array.from({ length: 48 }, (_, index) =>
    aRow({
      type: TYPES[index % TYPES.length] ?? 'click',
      site_id: site ?? (index % 7 === 0 ? 'other' : 'demo'),
      ts: at(((index * 7 + block) % days) + 0.3),
      user_key: String((index % 3) + 1),
      session_id: `s${index % 5}`,
      entity_id: `e${index % 4}`,
      artist_id: 'a1',
      genre: 'jazz',
      experiment: 'x',
      variant: 'a',
      search_id: `q${index % 4}`,
      site_value: '12.5',
      city: 'Austin',
    }),
  );
}

const anOrder = (order: Partial<ErasureOrder> = {}): ErasureOrder => ({
  id: randomUUID(),
  site_id: 'demo',
  user_keys: ['1'],
  at: Date.now(),
  ...order,
});

/** Rows of a person in every table that names people. */
async function rowsOf(site: string, key: string): Promise<Record<string, number>> {
  const tables = await engine.query<{ name: string }>(
    `SELECT t.name AS name FROM system.tables AS t WHERE t.database = 'turnout' AND t.engine LIKE '%MergeTree'
       AND t.name IN (SELECT c.table FROM system.columns AS c WHERE c.database = 'turnout' AND c.name = 'user_key') ORDER BY name`,
  );
  const rows: Record<string, number> = {};
  for (const { name } of tables) {
    const who = name === 'identity_links' ? `${key} IN (user_key, visitor_key)` : `user_key = ${key}`;
    const [row] = await engine.query<{ rows: string }>(
      `SELECT toString(count()) AS rows FROM turnout.${name} WHERE site_id = '${site}' AND ${who}`,
    );
    rows[name] = Number(row?.rows);
  }
  return rows;
}

test('nothing of a person is left in any table, nobody else loses anything, and rollups equal raw', async () => {
  const [hers, his, elsewhere] = [
    await rowsOf('demo', '1'),
    await rowsOf('demo', '2'),
    await rowsOf('other', '1'),
  ];
  expect(hers).not.toMatchObject({ interactions: 0 });
  expect(Object.keys(hers)).toEqual(
    expect.arrayContaining(['people', 'rejected_interactions', 'searches', 'user_state']),
  );

  const report = await erase(engine, anOrder());

  const { erasures, ...left } = await rowsOf('demo', '1');
  expect(erasures).toBe(1);
  expect(Object.values(left).every((rows) => rows === 0)).toBe(true);
  expect(report).toMatchObject({
    remaining: 0,
    deleted: { interactions: hers.interactions, people: hers.people },
  });
  const { identity_links: hisLinks, ...hisOthers } = await rowsOf('demo', '2');
  expect(hisOthers).toMatchObject({
    interactions: his.interactions,
    people: his.people,
    user_day: his.user_day,
  });
  expect(hisLinks).toBeLessThan(his.identity_links ?? 0);
  expect(await rowsOf('other', '1')).toEqual({ ...elsewhere });
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
  const owners = await engine.query(
    `SELECT 1 FROM turnout.sessions WHERE site_id = 'demo' AND owner.user_key = 1`,
  );
  expect(owners).toEqual([]);
});

test(
  'continues after a crash at any of its statements, and the numbers come out the same',
  async () => {
    let cutOff = FIRST;
    // How many there are is only known at the end: past the last one the erasure is done at once.
    for (let isDone = false; !isDone; cutOff += STEP) {
      // A site for each, so that every crash meets the whole history of a person. A few days: each month is a part
      // that the engine rewrites for every deletion.
      const site_id = `cut off at ${cutOff}`;
      await engine.insert([0, 1, 2].flatMap((block) => history(block, site_id, 4)));
      const order = anOrder({ site_id, user_keys: ['1', '3'] });
      let statements = 0;
      const dying = {
        ...engine,
        async command(sql: string) {
          if (statements === cutOff) throw new Error('killed');
          statements += 1;
          await engine.command(sql);
        },
      };
      const death = await erase(dying, order).then(
        () => undefined,
        (error: Error) => error.message,
      );
      isDone = death === undefined;
      if (!isDone) {
        expect(death).toBe('killed');
        await erase(engine, order);
      }

      for (const key of ['1', '3']) {
        const { erasures, ...left } = await rowsOf(site_id, key);
        expect(Object.entries(left).filter(([, rows]) => rows > 0)).toEqual([]);
      }
      expect(await rowsOf(site_id, '2')).not.toMatchObject({ interactions: 0 });
    }

    expect(cutOff).toBeGreaterThan(20);
    expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
    expect(await engine.query('SELECT 1 FROM turnout.erasure_scope')).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each([undefined, 'fans'])(
  'waits for inserts that run before it deletes, on a cluster (%s) too',
  async (cluster) => {
    let looks = 0;
    const order = anInsertThatRuns(cluster, () => {
      looks += 1;
      return looks < 3;
    });

    await requireInsertsOver(order);

    expect(looks).toBe(3);
  },
);

test('deletes nothing while an insert runs on and on', async () => {
  await expect(
    requireInsertsOver(
      anInsertThatRuns(undefined, () => true),
      200,
    ),
  ).rejects.toThrow('nothing was. Ask again when it is over.');
});

test('an erasure and the removal of a site look for inserts before they delete', async () => {
  for (const act of [
    (database: Database) =>
      erase(database, { id: randomUUID(), site_id: 'demo', user_keys: ['1'], at: Date.now() }),
    (database: Database) => eraseSite(database, 'demo'),
  ]) {
    const said: string[] = [];
    await act({
      command: (sql) => {
        said.push(sql);
        return engine.command(sql);
      },
      query: (sql, parameters) => {
        said.push(sql);
        return engine.query(sql, parameters);
      },
    });
    const look = said.findIndex((sql) => sql.includes('system.processes'));
    expect(look).toBeGreaterThan(-1);
    expect(said.findIndex((sql) => /^\s*(ALTER|DELETE)/.test(sql))).toBeGreaterThan(look);
  }
});

/** An engine in this process runs one statement after the other: what others run is said for them. */
function anInsertThatRuns(cluster: string | undefined, isRunning: () => boolean): Database {
  return {
    cluster,
    command: (sql) => engine.command(sql),
    async query<Row>(sql: string) {
      const processes = cluster
        ? `clusterAllReplicas('${cluster}', system.processes)`
        : 'FROM system.processes';
      expect(sql).toContain(processes);
      return (isRunning() ? [{ id: 'an insert' }] : []) as Row[];
    },
  };
}
