import { afterAll, beforeAll, expect, test } from 'vitest';
import { forCluster } from './cluster.ts';
import { type Engine, openEngine } from './engine.test-helper.ts';
import { loadMigrations, type Migration, migrate } from './migrate.ts';

let engine: Engine;
let migrations: Migration[];
beforeAll(async () => {
  engine = openEngine();
  migrations = await loadMigrations();
});
afterAll(() => engine.close());

const rendered = (name: string) =>
  forCluster(migrations.find((migration) => migration.name.includes(name))?.sql ?? '', 'fans');

test('the engine parses every statement of every migration, and each goes to the whole cluster', async () => {
  for (const { name, sql } of migrations) {
    const statements = forCluster(sql, 'fans');
    expect(statements.length, name).toBeGreaterThan(0);
    for (const statement of statements) {
      const [answer] = await engine.query<{ text: string }>('SELECT formatQuery({sql:String}) AS text', {
        sql: statement,
      });
      expect(answer?.text, name).toMatch(/^[^\n]* ON CLUSTER fans\b/);
      await engine.query(`EXPLAIN AST ${statement}`);
    }
  }
});

test('every table is replicated and keeps its deduplication window', async () => {
  const tables = migrations.filter(({ sql }) => /^CREATE TABLE/m.test(sql));
  expect(tables.length).toBeGreaterThan(20);
  for (const { name, sql } of tables) {
    const [table = ''] = forCluster(sql, 'fans');
    expect(table, name).toMatch(
      /ENGINE = Replicated(Replacing|Aggregating)MergeTree\('\/clickhouse\/tables\/\{uuid\}/,
    );
    expect(table, name).toContain('    replicated_deduplication_window = 10000,');
    expect(table, name).not.toContain('non_replicated');
  }
});

test('rows of people stand on the shard of their person, behind a table over all shards', () => {
  const [local = '', over = ''] = rendered('0003_interactions');

  expect(local).toContain("turnout.interactions_local ON CLUSTER 'fans'\n(");
  expect(local).toContain("ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')");
  expect(over).toContain("ENGINE = Distributed('fans', 'turnout', 'interactions_local', user_key)");
});

test('a view that is fed by blocks stays on its shard, and one that counts by itself reads all of them', () => {
  const [fed = ''] = rendered('0010_user_day_mv');
  const [refreshed = ''] = rendered('0034_funnel_day_mv');

  expect(fed).toContain("user_day_mv ON CLUSTER 'fans' TO turnout.user_day_local");
  expect(fed).toContain('FROM turnout.interactions_local');
  expect(fed).not.toMatch(/turnout\.interactions\b(?!_local)/);
  expect(refreshed).toContain('APPEND TO turnout.funnel_day\n');
  expect(refreshed).toContain('FROM turnout.interactions\n');
});

test('a session that stands on two shards is one to whoever reads it', () => {
  const [daily = ''] = rendered('0104_user_daily');

  expect(daily).toContain('FROM turnout.user_day AS d');
  expect(daily).toContain('FROM turnout.sessions AS r GROUP BY site_id, session_id) AS s');
  expect(daily).not.toMatch(/\bAS s FINAL\b/);
  expect(() =>
    forCluster('CREATE VIEW turnout.x AS SELECT 1 FROM turnout.entity_day AS e FINAL', 'fans'),
  ).toThrow('No reader merges entity_day over all shards yet: group by its key.');
});

test('what views join has a full copy on every machine, and the newest version of a thing still wins', () => {
  const [entities = '', ...more] = rendered('0035_entities');

  expect(more).toEqual([]);
  expect(entities).toContain(
    "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}', version)",
  );
});

test('a new column comes to the shards and to the table over them, another expiry to the shards alone', () => {
  expect(rendered('0022_').map((sql) => /turnout\.\w+/.exec(sql)?.[0])).toEqual([
    'turnout.interactions_local',
    'turnout.interactions',
  ]);
  expect(rendered('0095_batch_id').map((sql) => /turnout\.\w+/.exec(sql)?.[0])).toEqual([
    'turnout.interactions_local',
  ]);
  expect(rendered('0082_').map((sql) => /turnout\.\w+/.exec(sql)?.[0])).toEqual(['turnout.user_day_local']);
});

test('every table that a view feeds is on the shards, and every shard reads the tables it has', () => {
  for (const { name, sql } of migrations.filter(({ name }) => name.endsWith('_mv.sql'))) {
    const [view = ''] = forCluster(sql, 'fans');
    if (/ REFRESH /.test(view)) continue;
    expect(view, name).toMatch(/ TO turnout\.\w+_local\b/);
  }
});

test('an unknown statement and a name that could end the statement are refused', () => {
  expect(() => forCluster('DROP TABLE turnout.interactions', 'fans')).toThrow('No statement for a cluster');
  expect(() => forCluster('CREATE DATABASE turnout', "a' b")).toThrow('is no name of a cluster');
});

test('a migration is sent to every machine of a cluster', async () => {
  const sent: string[] = [];
  await migrate(
    {
      cluster: 'fans',
      query: async (sql) => (sql.includes('version()') ? engine.query(sql) : []),
      command: async (sql) => void sent.push(sql),
    },
    { migrations: migrations.slice(0, 4) },
  );

  expect(sent.filter((sql) => sql.includes("ON CLUSTER 'fans'"))).toHaveLength(2 + 6);
});
