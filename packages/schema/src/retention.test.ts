/** Nobody can wait for two years: rows that old are stored, and the engine is told to clean up now. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import { verify } from './verify.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openMigrated();
});
afterEach(() => engine.close());

const [FRESH, CLEARED, LAST_YEAR, ROLLED_OFF, GONE] = [5, 95, 400, 745, 800];

/** What a person did so many days ago. */
const aVisit = (daysAgo: number) =>
  aRow({
    ts: at(daysAgo),
    type: 'click',
    user_key: String(daysAgo),
    user_id: `person ${daysAgo}`,
    visitor_id: `visitor ${daysAgo}`,
    session_id: `session ${daysAgo}`,
    page_url: 'https://example.com/?email=anna@example.com',
    page_path: '/',
    entity_id: `e${daysAgo}`,
    genre: 'jazz',
    props: { note: 'hers' },
  });

async function cleanUp(): Promise<void> {
  const tables = await engine.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = 'turnout' AND engine LIKE '%MergeTree' AND create_table_query LIKE '% TTL %'`,
  );
  for (const { name } of tables) {
    await engine.command(`ALTER TABLE turnout.${name} MATERIALIZE TTL SETTINGS mutations_sync = 2`);
    await engine.command(`OPTIMIZE TABLE turnout.${name} FINAL`);
  }
}

const column = async (sql: string) => (await engine.query<{ x: string }>(sql)).map(({ x }) => x);

test('what identifies a person goes after 90 days, rollups after 24 months, raw after 25', async () => {
  await engine.insert([FRESH, CLEARED, LAST_YEAR, ROLLED_OFF, GONE].map(aVisit));
  for (const daysAgo of [FRESH, GONE]) {
    await engine.command(
      `INSERT INTO turnout.people (site_id, user_key, version, gender, updated_at) VALUES ('demo', ${daysAgo}, 1, 'female', '${at(daysAgo)}')`,
    );
    await engine.command(
      `INSERT INTO turnout.identity_links (site_id, visitor_key, user_key, linked_at) VALUES ('demo', 1, ${daysAgo}, '${at(daysAgo)}')`,
    );
  }

  await cleanUp();

  const identified = `user_id != '' OR visitor_id != '' OR session_id != '' OR page_url != '' OR length(JSONAllPaths(props)) > 0`;
  expect(
    await column(`SELECT toString(user_key) AS x FROM turnout.interactions WHERE ${identified}`),
  ).toEqual([String(FRESH)]);
  expect(await column('SELECT toString(user_key) AS x FROM turnout.interactions ORDER BY user_key')).toEqual(
    [FRESH, CLEARED, LAST_YEAR, ROLLED_OFF].map(String),
  );
  const kept = [FRESH, CLEARED, LAST_YEAR].map(String);
  for (const table of ['user_day', 'user_state', 'user_preferences']) {
    expect(
      await column(`SELECT DISTINCT toString(user_key) AS x FROM turnout.${table} ORDER BY user_key`),
    ).toEqual(kept);
  }
  expect(
    await column('SELECT toString(owner.user_key) AS x FROM turnout.sessions ORDER BY owner.user_key'),
  ).toEqual(kept);
  expect(
    await column(
      `SELECT DISTINCT entity_id AS x FROM turnout.entity_day ORDER BY toUInt32(substring(entity_id, 2))`,
    ),
  ).toEqual(kept.map((days) => `e${days}`));
  expect(await column('SELECT toString(user_key) AS x FROM turnout.people')).toEqual([String(FRESH)]);
  expect(await column('SELECT toString(user_key) AS x FROM turnout.identity_links')).toEqual([String(FRESH)]);
  // Sessions and people can still be counted, and verification is content.
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
});
