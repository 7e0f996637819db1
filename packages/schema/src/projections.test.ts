/** What reads a projection in place of its table must be told the same. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openEngine, openMigrated } from './engine.test-helper.ts';
import { loadMigrations, migrate } from './migrate.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openMigrated();
});
afterEach(() => engine.close());

const ONE_EVENT = `SELECT site_id, date, event_id, impressions, clicks, unique_reach, unique_viewers, unique_buyers, attendance, revenue
  FROM turnout.event_daily WHERE site_id = 'demo' AND event_id = 'e1' ORDER BY date`;
const ONE_ARTIST = `SELECT date, event_impressions, event_clicks, active_events
  FROM turnout.artist_daily WHERE site_id = 'demo' AND artist_id = 'a1' ORDER BY date`;
const COUNTS = `SELECT date, max(computed_at) AS last FROM turnout.funnel_day WHERE site_id = 'demo' GROUP BY site_id, date ORDER BY date`;

/** Not when it was counted: every five minutes by the clock the engine counts anew what is due. */
const FUNNEL = 'SELECT * EXCEPT computed_at FROM turnout.funnel_daily ORDER BY ALL';

/** Days with several events, each day in two blocks, so that merging has something to add up. */
async function insertDays(): Promise<void> {
  for (const block of [0, 1]) {
    await engine.insert(
      [1, 2, 3, 40].flatMap((daysAgo) =>
        Array.from({ length: 60 }, (_, number) =>
          aRow({
            ts: `${at(daysAgo).slice(0, 10)} 12:00:0${block}.000`,
            type: (['impression', 'click', 'purchase', 'attendance'] as const)[number % 4] ?? 'click',
            user_key: String((number + block * 7) % 50),
            entity_id: `e${number % 3}`,
            artist_id: `a${number % 2}`,
            ...(number % 4 === 2 ? { site_value: '12.50' } : {}),
          }),
        ),
      ),
    );
  }
  await engine.command('SYSTEM REFRESH VIEW turnout.funnel_day_mv');
  await engine.command('SYSTEM WAIT VIEW turnout.funnel_day_mv');
}

const reads = async (sql: string) =>
  (await engine.query<{ explain: string }>(`EXPLAIN ${sql}`)).map(({ explain }) => explain).join('\n');
const answer = (sql: string, uses: 0 | 1) =>
  engine.query(`SELECT * FROM (${sql}) SETTINGS optimize_use_projections = ${uses}`);

/** Things before and behind those that are asked about: a small table is read as it is, a projection where it spares something. */
const insertOthers = () =>
  engine.command(
    `INSERT INTO turnout.entity_day (site_id, entity_type, date, entity_id, via, impressions)
     SELECT 'demo', kind, today() - 1 - number % 10, concat(substring(kind, 1, 1), toString(intDiv(number, 10)), ' and others'), if(kind = 'event', 'direct', 'event'), 1
     FROM numbers(100000) ARRAY JOIN ['event', 'artist'] AS kind`,
  );

const PROJECTED: [sql: string, projection: string][] = [
  [ONE_EVENT, 'by_thing'],
  [ONE_ARTIST, 'by_thing'],
  [COUNTS, 'counts'],
];

async function expectTheSame(days: number): Promise<void> {
  for (const [sql, projection] of PROJECTED) {
    expect(await reads(sql)).toContain(`ReadFromMergeTree (${projection})`);
    const [projected, plain] = [await answer(sql, 1), await answer(sql, 0)];
    expect(projected, sql).toEqual(plain);
    expect(projected, sql).toHaveLength(days);
  }
}

test('one thing over many days, and when days were counted, are read from projections', async () => {
  await insertOthers();
  await insertDays();

  for (const [sql, projection] of PROJECTED)
    expect(await reads(sql)).toContain(`ReadFromMergeTree (${projection})`);
});

test('projections say what their tables say, after blocks, merges, deletions and expiry', async () => {
  await insertOthers();
  await insertDays();
  await expectTheSame(4);

  // Counts of the same days again: the ones of before go with the next merge.
  await engine.command(
    `INSERT INTO turnout.touched_days (site_id, date, touched_at) SELECT DISTINCT site_id, local_date, now64(3) FROM turnout.interactions`,
  );
  await engine.command('SYSTEM REFRESH VIEW turnout.funnel_day_mv');
  await engine.command('SYSTEM WAIT VIEW turnout.funnel_day_mv');
  await expectTheSame(4);
  for (const table of ['entity_day', 'funnel_day'])
    await engine.command(`OPTIMIZE TABLE turnout.${table} FINAL`);
  await expectTheSame(4);

  const day = at(2).slice(0, 10);
  for (const table of ['entity_day', 'funnel_day'])
    await engine.command(
      `ALTER TABLE turnout.${table} DELETE WHERE date = '${day}' SETTINGS mutations_sync = 2`,
    );
  await expectTheSame(3);

  for (const table of ['entity_day', 'funnel_day']) {
    await engine.command(`ALTER TABLE turnout.${table} MODIFY TTL date + INTERVAL 20 DAY DELETE`);
    await engine.command(`ALTER TABLE turnout.${table} MATERIALIZE TTL SETTINGS mutations_sync = 2`);
    await engine.command(`OPTIMIZE TABLE turnout.${table} FINAL`);
  }
  await expect.poll(() => answer(COUNTS, 0), { timeout: 60_000 }).toHaveLength(2);
  await expect.poll(() => answer(ONE_EVENT, 0), { timeout: 60_000 }).toHaveLength(2);
  await expectTheSame(2);
});

test('an upgrade gives rows of before their projections, and a count of before stays out of the funnel', async () => {
  engine.close();
  engine = openEngine();
  const migrations = await loadMigrations();
  await migrate(engine, { migrations: migrations.filter(({ name }) => name < '0111') });
  await insertDays();
  const before = await engine.query(FUNNEL);

  await migrate(engine);

  const projected = () =>
    engine.query(
      `SELECT DISTINCT name FROM system.projection_parts WHERE active AND database = 'turnout' ORDER BY name`,
    );
  await expect.poll(projected, { timeout: 60_000 }).toEqual([{ name: 'by_thing' }, { name: 'counts' }]);
  expect(await engine.query(FUNNEL)).toEqual(before);
  await engine.command(
    `INSERT INTO turnout.funnel_day SELECT * REPLACE (impressions + 100 AS impressions, computed_at - INTERVAL 1 DAY AS computed_at) FROM turnout.funnel_day`,
  );
  // What two machines count in the same millisecond counts once.
  await engine.command('INSERT INTO turnout.funnel_day SELECT * FROM turnout.funnel_day');
  expect(await engine.query(FUNNEL)).toEqual(before);
  await insertOthers();
  await expectTheSame(4);
});
