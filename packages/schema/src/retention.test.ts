/** Nobody can wait for two years: rows that old are stored, and the engine is told to clean up now. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openEngine, openMigrated } from './engine.test-helper.ts';
import { loadMigrations, migrate } from './migrate.ts';
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
    // An import: what counts is when it happened, and not when it came.
    received_at: at(0),
    type: 'click',
    user_key: String(daysAgo),
    user_id: `person ${daysAgo}`,
    visitor_id: `visitor ${daysAgo}`,
    session_id: `session ${daysAgo}`,
    page_url: 'https://example.com/?email=anna@example.com',
    page_path: '/',
    entity_id: `e${daysAgo}`,
    genre: 'jazz',
    batch_id: `00000000-0000-7000-8000-${String(daysAgo).padStart(12, '0')}`,
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

  const identified = `user_id != '' OR visitor_id != '' OR session_id != '' OR page_url != '' OR length(JSONAllPaths(props)) > 0 OR batch_id != toUUID('00000000-0000-0000-0000-000000000000')`;
  const kept = [FRESH, CLEARED, LAST_YEAR].map(String);
  const left = async () => {
    // A merge of the engine's own may be under way, and then it does not clean up a second time.
    await cleanUp();
    const keysIn = (table: string, key = 'user_key') =>
      column(`SELECT DISTINCT toString(${key}) AS x FROM turnout.${table} ORDER BY toUInt32(x)`);
    return {
      identified: await column(
        `SELECT toString(user_key) AS x FROM turnout.interactions WHERE ${identified}`,
      ),
      interactions: await keysIn('interactions'),
      user_day: await keysIn('user_day'),
      user_state: await keysIn('user_state'),
      user_preferences: await keysIn('user_preferences'),
      sessions: await keysIn('sessions', 'owner.user_key'),
      entity_day: await keysIn('entity_day', 'substring(entity_id, 2)'),
      site_day: await column('SELECT toString(uniqExact(date)) AS x FROM turnout.site_day'),
      touched_days: await column('SELECT toString(uniqExact(date)) AS x FROM turnout.touched_days'),
      people: await keysIn('people'),
      identity_links: await keysIn('identity_links'),
    };
  };
  await expect.poll(left, { timeout: 60_000 }).toEqual({
    identified: [String(FRESH)],
    interactions: [FRESH, CLEARED, LAST_YEAR, ROLLED_OFF].map(String),
    user_day: kept,
    user_state: kept,
    user_preferences: kept,
    sessions: kept,
    entity_day: kept,
    site_day: [String(kept.length)],
    // A day without its counts would be counted anew for ever.
    touched_days: [String(kept.length)],
    people: [String(FRESH)],
    identity_links: [String(FRESH)],
  });
  // Sessions and people can still be counted, and verification is content.
  await expect.poll(async () => (await verify(engine)).differences, { timeout: 60_000 }).toEqual([]);
}, 60_000);

test('an expiry that an upgrade brings reaches the parts of before when they are merged', async () => {
  engine.close();
  engine = openEngine();
  const migrations = await loadMigrations();
  const before = migrations.filter(({ name }) => name < '0095');
  await migrate(engine, { migrations: before });
  await engine.insert([aVisit(CLEARED), aVisit(FRESH)]);

  await migrate(engine);
  // To rewrite a table of years at once would stop an upgrade for hours.
  const rewritten = await engine.query(
    `SELECT command FROM system.mutations WHERE table = 'interactions' AND command LIKE '%TTL%'`,
  );
  expect(rewritten).toEqual([]);
  await engine.command('OPTIMIZE TABLE turnout.interactions FINAL');

  const left = await engine.query<{ x: string }>(
    `SELECT toString(user_key) AS x FROM turnout.interactions WHERE batch_id != toUUID('00000000-0000-0000-0000-000000000000')`,
  );
  expect(left).toEqual([{ x: String(FRESH) }]);
});
