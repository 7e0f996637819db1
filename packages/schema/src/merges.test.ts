/** Sets of people are large, and a merge holds many of them: how much it may take at a time is bounded. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openMigrated();
});
afterEach(() => engine.close());

/** What a merge may hold of a table, as the engine was told. */
async function settingsOf(table: string): Promise<Record<string, number>> {
  const [row] = await engine.query<{ said: string }>(
    `SELECT create_table_query AS said FROM system.tables WHERE database = 'turnout' AND name = {table:String}`,
    { table },
  );
  return Object.fromEntries(
    [...String(row?.said).matchAll(/\b(\w*merge\w*) = (\d+)/g)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  );
}

/** Parts that merged into one, and as many as there are. */
const parts = () =>
  engine.query<{ level: number; rows: number }>(
    `SELECT toInt32(level) AS level, toInt32(rows) AS rows FROM system.parts
     WHERE database = 'turnout' AND table = 'entity_day' AND active ORDER BY level, rows`,
  );

const COUNTED = `SELECT date, event_id, impressions, unique_reach FROM turnout.event_daily ORDER BY ALL`;

const insertBlocks = async (count: number, daysAgo: number) => {
  for (let block = 0; block < count; block++)
    await engine.insert(
      Array.from({ length: 40 }, (_, number) =>
        aRow({
          ts: at(daysAgo),
          received_at: at(0),
          type: 'impression',
          user_key: String(block * 20 + number),
          entity_id: `e${number % 4}`,
        }),
      ),
    );
};

test('what a merge reads at a time is bounded where rows hold sets of people', async () => {
  expect(await settingsOf('entity_day')).toMatchObject({
    merge_max_block_size: 128,
    // Its projection is made anew in one piece, whatever the steps.
    max_bytes_to_merge_at_max_space_in_pool: 512 * 1024 * 1024,
  });
  expect(await settingsOf('event_demographics_day')).toMatchObject({ merge_max_block_size: 128 });
});

test('raw is merged in fewer, larger steps: it has most columns, and nobody adds its parts up', async () => {
  expect(await settingsOf('interactions')).toMatchObject({ merge_selector_base: 10 });
});

test('parts that are too large to be merged say the same, and still lose what expires', async () => {
  await engine.command(
    `ALTER TABLE turnout.entity_day MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1000, merge_with_ttl_timeout = 0`,
  );
  await engine.command('SYSTEM STOP TTL MERGES turnout.entity_day');
  await insertBlocks(12, 1);
  await insertBlocks(2, 800);
  const apart = await engine.query(COUNTED);
  expect((await parts()).length).toBeGreaterThan(12);

  await engine.command('SYSTEM START TTL MERGES turnout.entity_day');

  await expect
    .poll(() => engine.query(`SELECT 1 FROM turnout.entity_day WHERE date < today() - 750 LIMIT 1`), {
      timeout: 60_000,
    })
    .toEqual([]);
  const kept = (await parts()).filter(({ rows }) => rows > 0);
  expect(kept.length).toBeGreaterThanOrEqual(12);
  const after = await engine.query(COUNTED);
  expect(apart).toHaveLength(8);
  expect(after).toEqual(apart.slice(-4));
  await engine.command('OPTIMIZE TABLE turnout.entity_day FINAL');
  expect(await engine.query(COUNTED)).toEqual(after);
});
