import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openEngine } from './engine.test-helper.ts';
import { loadMigrations, migrate } from './migrate.ts';
import type { InteractionRow, RejectedRow } from './table.ts';

let engine: Engine;
beforeAll(() => {
  engine = openEngine();
});
afterAll(() => engine.close());

const FULL_ROW: Required<InteractionRow> = {
  site_id: 'demo',
  id: '0193b3f0-0000-7000-8000-00000000f011',
  id_day: at(1).slice(0, 10),
  type: 'purchase',
  name: 'n',
  ts: at(1),
  occurred_at: at(1.5),
  received_at: at(0),
  local_date: at(2).slice(0, 10),
  batch_id: '0193b3f0-0000-7000-8000-00000000ba7c',
  attempt: 2,
  user_key: '18446744073709551615',
  visitor_id: 'v',
  user_id: 'u',
  session_id: 's',
  sdk: 'js/0.1.0',
  env: 'production',
  entity_type: 'event',
  entity_id: 'e',
  list_id: 'l',
  position: 0,
  surface: 'feed',
  view_id: 'vw',
  part: 3,
  duration_ms: 1500,
  visible_ratio: 0.5,
  value: '49.5',
  currency: 'USD',
  site_value: '49.5',
  quantity: 2,
  order_id: 'o',
  experiment: 'x',
  variant: 'b',
  query: 'jazz',
  search_id: 'sr',
  undo: 1,
  artist_id: 'a',
  venue_id: 've',
  genre: 'jazz',
  event_date: '2026-12-01',
  price_min: '20.5',
  price_max: '90',
  ticket_provider: 'dice',
  rating: '4.5',
  city: 'Austin',
  country: 'US',
  age_band: '25-34',
  gender: 'f',
  page_url: 'https://x.example/a?b',
  page_path: '/a',
  referrer: 'https://y.example/',
  title: 'T',
  utm_source: 'us',
  utm_medium: 'um',
  utm_campaign: 'uc',
  utm_term: 'ut',
  utm_content: 'uo',
  language: 'en-GB',
  viewport_width: 1280,
  viewport_height: 720,
  device: 'desktop',
  browser: 'Firefox',
  os: 'Linux',
  is_bot: 0,
  props: { mood: ['loud'], deep: { er: true } },
};

test('two collectors that migrate at once apply everything, and a third finds nothing to do', async () => {
  const names = (await loadMigrations()).map(({ name }) => name);

  const both = await Promise.all([migrate(engine), migrate(engine)]);
  const third = await migrate(engine);

  expect(new Set(both.flat())).toEqual(new Set(names));
  expect(third).toEqual([]);
  const recorded = await engine.query<{ name: string }>(
    'SELECT name FROM turnout.migrations FINAL ORDER BY name',
  );
  expect(recorded.map(({ name }) => name)).toEqual(names);
});

test('every migration is one statement that is harmless to repeat', async () => {
  for (const { name, sql } of await loadMigrations()) {
    expect(name).toMatch(/^\d{4}_[a-z_]+\.sql$/);
    expect(sql, name).not.toMatch(/;\s*$/m);
    expect(sql, name).toMatch(
      /IF NOT EXISTS|IF EXISTS|OR REPLACE|MODIFY TTL|MODIFY COLUMN \w+ CODEC|MODIFY SETTING|MODIFY COMMENT/,
    );
  }
});

test.each(['25.8.16.34', '26.5.1.1'])(
  'refuses a server of %s before it changes anything',
  async (version) => {
    const changed: string[] = [];
    const older = {
      query: async <Row>() => [{ version }] as Row[],
      command: async (sql: string) => void changed.push(sql),
    };

    await expect(migrate(older)).rejects.toThrow(
      `migrate: this ClickHouse is ${version}, and Turnout needs 26.7 or newer. Nothing was changed. Upgrade the server.`,
    );
    expect(changed).toEqual([]);
  },
);

test('refuses a migration that changed after it was applied, and says what to do', async () => {
  const migrations = await loadMigrations();
  const changed = migrations.map((migration, index) =>
    index === 4 ? { ...migration, sha256: '0'.repeat(64) } : migration,
  );

  await expect(migrate(engine, { migrations: changed })).rejects.toThrow(
    `migrate: migrations/${migrations[4]?.name} changed after this database applied it, so the change would never arrive here. ` +
      'Restore the file as it was released, and put the change into a new migration with the next number.',
  );
});

test('refuses a database that a newer version has migrated', async () => {
  const older = (await loadMigrations()).slice(0, -1);

  await expect(migrate(engine, { migrations: older })).rejects.toThrow(
    /A newer version of Turnout has migrated it/,
  );
});

test('names the migration that failed, and goes on after it when the cause is gone', async () => {
  const migrations = await loadMigrations();
  const name = '9999_more.sql';
  const broken = { name, sql: 'CREATE TABLE IF NOT EXISTS turnout.more (x Nope)', sha256: '1'.repeat(64) };
  const mended = { ...broken, sql: 'CREATE TABLE IF NOT EXISTS turnout.more (x UInt8) ENGINE = Memory' };

  await expect(migrate(engine, { migrations: [...migrations, broken] })).rejects.toThrow(
    /^migrate: 9999_more.sql failed:/,
  );
  const applied = await migrate(engine, { migrations: [...migrations, mended] });

  expect(applied).toEqual([name]);
  await engine.command('DROP TABLE turnout.more');
  await engine.command(
    `ALTER TABLE turnout.migrations DELETE WHERE name = '${name}' SETTINGS mutations_sync = 2`,
  );
});

test('a full row goes in and comes back as it was', async () => {
  await engine.insert([FULL_ROW]);

  const [row] = await engine.query<Record<string, unknown>>('SELECT * FROM turnout.interactions');

  const { batch, ...back } = row ?? {};
  expect(batch).toMatch(/^[0-9a-f-]{36}$/);
  const asSent = {
    ...FULL_ROW,
    ...{ value: 49.5, site_value: 49.5, price_min: 20.5, price_max: 90, rating: 4.5, duration_ms: '1500' },
  };
  expect(back).toEqual(asSent);
});

test('what a row leaves out is null or empty, and 0 stays 0', async () => {
  await engine.insert([aRow({ id: '0193b3f0-0000-7000-8000-0000000000ff', position: 0 })]);

  const [row] = await engine.query(
    `SELECT position, visible_ratio, value, quantity, event_date, rating, artist_id, undo FROM turnout.interactions
     WHERE id = '0193b3f0-0000-7000-8000-0000000000ff'`,
  );

  expect(row).toEqual({
    position: 0,
    visible_ratio: null,
    value: null,
    quantity: null,
    event_date: null,
    rating: null,
    artist_id: '',
    undo: 0,
  });
});

test('a rejected row goes in and comes back as it was', async () => {
  const rejected: RejectedRow = {
    site_id: 'demo',
    received_at: at(0),
    received_day: at(0).slice(0, 10),
    batch_id: 'not even a uuid',
    index: 3,
    id: '',
    code: 'invalid',
    message: 'm',
    text: '{"type":"clik"}',
    user_key: '7',
  };

  await engine.command(
    `INSERT INTO turnout.rejected_interactions FORMAT JSONEachRow ${JSON.stringify(rejected)}`,
  );

  expect(await engine.query('SELECT * FROM turnout.rejected_interactions')).toEqual([rejected]);
});

test('every table, view and column says what it is', async () => {
  const silent = await engine.query(
    `SELECT name, '' AS column FROM system.tables WHERE database = 'turnout' AND comment = ''
     UNION ALL
     SELECT table, name FROM system.columns WHERE database = 'turnout' AND comment = ''`,
  );

  expect(silent).toEqual([]);
});

test('every table counts a block once and survives a power loss', async () => {
  const tables = await engine.query<{ name: string; engine_full: string }>(
    `SELECT name, engine_full FROM system.tables WHERE database = 'turnout' AND engine LIKE '%MergeTree'`,
  );

  expect(tables.length).toBeGreaterThanOrEqual(8);
  for (const { name, engine_full } of tables) {
    for (const setting of [
      'non_replicated_deduplication_window = 10000',
      'fsync_after_insert = 1',
      'fsync_part_directory = 1',
      'min_rows_to_fsync_after_merge = 1',
    ]) {
      expect(engine_full, name).toContain(setting);
    }
  }
});

test('what identifies a person clears after 90 days, and the session can still be counted', async () => {
  const id = '0193b3f0-0000-7000-8000-0000000000aa';
  await engine.insert([{ ...FULL_ROW, id, ts: at(100), id_day: at(100).slice(0, 10) }]);

  await engine.command('OPTIMIZE TABLE turnout.interactions FINAL');

  expect(
    await engine.query(
      `SELECT user_id, visitor_id, session_id, page_url, props, user_key, page_path, session_key = sipHash64('s') AS session
       FROM turnout.interactions WHERE id = '${id}'`,
    ),
  ).toEqual([
    {
      user_id: '',
      visitor_id: '',
      session_id: '',
      page_url: '',
      props: {},
      user_key: FULL_ROW.user_key,
      page_path: '/a',
      session: 1,
    },
  ]);
});
