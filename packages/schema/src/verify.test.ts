import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
import { type Progress, verify } from './verify.ts';
import { ROLLUPS } from './verify-rollups.ts';
import { INTERACTION_TYPES } from './wire.ts';

// One history for all: a test that damages something proves that it is healed, so the next one finds it whole.
let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
  for (const block of [0, 1, 2]) await engine.insert(history(block));
});
afterAll(() => engine.close());

/** Every type, by three people of two sites, over days; some undone, refunded, of bots or of a test. */
function history(block: number) {
  return [...INTERACTION_TYPES, ...INTERACTION_TYPES, ...INTERACTION_TYPES].map((type, index) =>
    aRow({
      type,
      site_id: index % 5 === 0 ? "o'hare" : 'demo',
      ts: at(((index * 7 + block) % 40) + 0.3),
      user_key: String(index % 3),
      session_id: index % 4 === 0 ? '' : `s${index % 7}`,
      entity_type: (['event', 'event', 'artist', 'review'] as const)[index % 4],
      entity_id: index % 11 === 0 ? '' : `e${index % 6}`,
      artist_id: index % 2 === 0 ? 'a1' : '',
      venue_id: 'v1',
      event_date: at(((index * 7 + block) % 40) + (index % 2)).slice(0, 10),
      part: index % 3,
      duration_ms: index * 1_000,
      undo: index % 9 === 0 ? 1 : undefined,
      genre: index % 2 === 0 ? 'jazz' : undefined,
      price_min: index % 3 === 0 ? String((index * 37) % 700) : undefined,
      experiment: index % 2 === 0 ? 'x' : undefined,
      variant: index % 4 === 0 ? 'a' : 'b',
      query: `Jazz ${index % 3}`,
      search_id: index % 2 === 0 ? `q${index % 8}` : undefined,
      position: index % 3 === 0 ? undefined : index,
      props: index % 2 === 0 ? { result_count: index } : undefined,
      rating: type === 'review' && index % 2 === 0 ? '3.5' : undefined,
      site_value: index % 3 === 0 ? undefined : '12.3456',
      quantity: index % 2 === 0 ? 3 : undefined,
      city: index % 2 === 0 ? 'Austin' : '',
      country: index % 2 === 0 ? 'US' : '',
      age_band: index % 3 === 0 ? '18-24' : '',
      is_bot: index % 13 === 0 ? 1 : 0,
      env: index % 17 === 0 ? 'test' : 'production',
    }),
  );
}

test('rollups that views have filled equal a recount of raw, and progress names each of them', async () => {
  const seen: Progress[] = [];

  const found = await verify(engine, { onProgress: (progress) => seen.push(progress) });

  expect(found).toEqual({
    ok: true,
    tables: ROLLUPS.map(({ table }) => ({ table, differences: 0 })),
    differences: [],
    duplicates: 0,
    duplicateIds: [],
    surplus: 0,
    surplusRows: [],
  });
  expect(seen.map(({ table }) => table)).toEqual(['interactions', ...ROLLUPS.map(({ table }) => table)]);
});

test('every table that a view fills is verified', async () => {
  const tables = await engine.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = 'turnout' AND engine = 'MaterializedView' ORDER BY name`,
  );

  // The days that are due are a list of work, and say nothing about what was counted.
  const filled = tables.map(({ name }) => name.replace(/_mv$/, '')).filter((name) => name !== 'touched_days');
  expect(filled).toEqual(ROLLUPS.map(({ table }) => table).sort());
});

test('finds one wrong value, names it, and heals it', async () => {
  const date = at(5.3).slice(0, 10);
  await engine.command(
    `INSERT INTO turnout.user_day (site_id, user_key, date, searches_performed) VALUES ('demo', 99, '${date}', 4)`,
  );
  const [row] = await engine.query<{ entity_id: string; date: string; clicks: string }>(
    `SELECT entity_id, date, sum(clicks) AS clicks FROM turnout.entity_day AS d
     WHERE site_id = 'demo' AND entity_type = 'event' AND via = 'direct' GROUP BY entity_id, date LIMIT 1`,
  );
  await engine.command(
    `INSERT INTO turnout.entity_day (site_id, entity_type, date, entity_id, via, clicks)
     VALUES ('demo', 'event', '${row?.date}', '${row?.entity_id}', 'direct', 3)`,
  );

  const found = await verify(engine);
  const healed = await verify(engine, { repair: true });

  expect(found.ok).toBe(false);
  expect(found.differences).toEqual([
    {
      table: 'entity_day',
      site_id: 'demo',
      date: row?.date,
      key: `entity_type=event entity_id=${row?.entity_id} via=direct`,
      column: 'clicks',
      rollup: String(Number(row?.clicks) + 3),
      raw: row?.clicks,
    },
    {
      table: 'user_day',
      site_id: 'demo',
      date,
      key: 'user_key=99',
      column: '(row)',
      rollup: 'present',
      raw: 'missing',
    },
  ]);
  expect(healed.repaired?.differences).toEqual(found.differences);
  expect(healed).toMatchObject({ ok: true, differences: [] });
});

test('finds a day that is missing from every daily rollup, and heals it', async () => {
  const date = at(7.3).slice(0, 10);
  for (const table of ['entity_day', 'user_day', 'event_demographics_day']) {
    await engine.command(
      `ALTER TABLE turnout.${table} DELETE WHERE date = '${date}' SETTINGS mutations_sync = 2`,
    );
  }

  const healed = await verify(engine, { repair: true, limit: 2 });

  const found = healed.repaired;
  expect(found?.ok).toBe(false);
  expect(found?.differences).toHaveLength(2);
  expect(found?.tables[0]?.differences).toBeGreaterThan(2);
  expect(found?.differences[0]).toMatchObject({ date, column: '(row)', rollup: 'missing', raw: 'present' });
  expect(healed.ok).toBe(true);
});

// Not the demographics: they hold sets of people alone, and a set does not change when it is counted twice. Nor the
// funnel: what it counted before is replaced.
const COUNTING = ROLLUPS.map(({ table }) => table).filter(
  (table) => table !== 'event_demographics_day' && table !== 'funnel_day',
);

test('finds a block that was counted twice in each rollup that adds up, and heals it', async () => {
  for (const table of COUNTING) {
    await engine.command(
      `INSERT INTO turnout.${table} SETTINGS insert_deduplicate = 0 SELECT * FROM turnout.${table}`,
    );
  }

  const healed = await verify(engine, { repair: true });

  const found = healed.repaired?.tables.filter(({ differences }) => differences > 0);
  expect(found?.map(({ table }) => table)).toEqual(COUNTING);
  expect(healed.ok).toBe(true);
});

test('heals sessions and people that are gone altogether', async () => {
  await engine.command('TRUNCATE TABLE turnout.sessions');
  await engine.command('TRUNCATE TABLE turnout.user_state');
  await engine.command('TRUNCATE TABLE turnout.event_demographics_day');
  for (const table of [
    'user_preferences',
    'experiment_users',
    'waitlist_day',
    'searches',
    'media_day',
    'site_day',
  ]) {
    await engine.command(`TRUNCATE TABLE turnout.${table}`);
  }

  const healed = await verify(engine, { repair: true });

  expect(healed.repaired?.ok).toBe(false);
  expect(healed.ok).toBe(true);
});

test('names every column of every rollup that is wrong, and heals them all', async () => {
  const many = 'range(1000, 1040)';
  const damaged = (column: string, type: string) => {
    if (type.includes('groupBitmap')) return `arrayReduce('groupBitmapState', [toUInt32(7)])`;
    if (type.includes('(uniq, String)'))
      return `arrayReduce('uniqState', arrayMap(n -> toString(n), ${many}))`;
    if (type.includes('(uniq, ')) return `arrayReduce('uniqState', arrayMap(n -> toUInt64(n), ${many}))`;
    if (type.includes('Tuple')) return `(${column}.1, ${column}.2 + 1)`;
    if (type.includes('DateTime64')) return `addMilliseconds(ifNull(${column}, now64(3)), 5)`;
    if (type.includes('String')) return `'damaged'`;
    return `ifNull(${column}, 0) + 1`;
  };
  const broken: string[] = [];
  // Not the funnel: it counts anew every five minutes, and may have healed by itself.
  for (const { table, key } of ROLLUPS.filter(({ valid }) => valid === undefined)) {
    const columns = await engine.query<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = 'turnout' AND table = '${table}' AND name != 'computed_at'
         AND NOT is_in_sorting_key AND name NOT IN (${['', ...key.map(({ column }) => column)].map((name) => `'${name}'`).join(', ')})`,
    );
    await engine.command(`OPTIMIZE TABLE turnout.${table} FINAL`);
    await engine.command(
      `ALTER TABLE turnout.${table} UPDATE ${columns.map(({ name, type }) => `${name} = ${damaged(name, type)}`).join(', ')}
       WHERE 1 SETTINGS mutations_sync = 2`,
    );
    broken.push(...columns.map(({ name }) => `${table}.${name}`));
  }

  const healed = await verify(engine, { repair: true, limit: 1_000_000 });

  const named = new Set(healed.repaired?.differences.map(({ table, column }) => `${table}.${column}`));
  expect(broken.length).toBeGreaterThan(100);
  expect(broken.filter((column) => !named.has(column))).toEqual([]);
  expect(healed).toMatchObject({ ok: true, differences: [] });
}, 120_000);

test('finds a sum that became infinite and a first moment in 1970, and heals them', async () => {
  // What a clock in 2100 and a minimum over nothing make of a rollup: each wins over all that comes later.
  await engine.command(
    `ALTER TABLE turnout.user_state UPDATE activity_30 = inf WHERE user_key = 1 SETTINGS mutations_sync = 2`,
  );
  await engine.command(
    `ALTER TABLE turnout.user_state UPDATE first_seen = toDateTime64(0, 3, 'UTC'), purchases = purchases + 1 WHERE user_key = 2
     SETTINGS mutations_sync = 2`,
  );
  await engine.command(
    `ALTER TABLE turnout.sessions UPDATE first_ts = toDateTime64(0, 3, 'UTC') WHERE 1 SETTINGS mutations_sync = 2`,
  );

  const healed = await verify(engine, { repair: true, limit: 1_000 });

  const named = new Set(healed.repaired?.differences.map(({ table, column }) => `${table}.${column}`));
  expect([...named].sort()).toEqual([
    'sessions.first_ts',
    'user_state.activity_30',
    'user_state.first_seen',
    'user_state.purchases',
  ]);
  expect(healed).toMatchObject({ ok: true, differences: [] });
});

test('counts an interaction that raw holds twice once, says so, and merges it', async () => {
  const row = aRow({ type: 'purchase', site_value: '10' });
  await engine.insert([row]);
  await engine.insert([row]);

  const healed = await verify(engine, { repair: true });

  const found = healed.repaired;
  expect(found).toMatchObject({
    ok: false,
    duplicates: 1,
    duplicateIds: [{ site_id: 'demo', id: row.id, rows: 2 }],
  });
  expect(found?.tables.filter(({ differences }) => differences > 0).map(({ table }) => table)).toEqual(
    expect.arrayContaining(['entity_day', 'user_day', 'sessions', 'user_state']),
  );
  expect(healed).toMatchObject({ ok: true, duplicates: 0 });
});

test('people agree to the last one, however their blocks came', async () => {
  // Some ways of counting people give another answer after another order of merging, from 500 of them on.
  for (const block of [0, 1, 2, 3]) {
    await engine.command(
      `INSERT INTO turnout.interactions (site_id, id, ts, received_at, type, user_key, entity_type, entity_id)
       SELECT 'crowd', generateUUIDv4(), now64(3), now64(3), 'click', sipHash64((number * 7 + ${block} * 130) % 520), 'event',
         concat('e', toString(number % 40))
       FROM numbers(8000)`,
    );
  }

  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
});

test('leaves alone what is older than raw', async () => {
  await engine.command(
    // Follows, because rows without expire.
    `INSERT INTO turnout.entity_day (site_id, entity_type, date, entity_id, via, follows)
     VALUES ('demo', 'artist', today() - INTERVAL 26 MONTH, 'old', 'direct', 3)`,
  );

  const healed = await verify(engine, { repair: true });

  expect(healed.ok).toBe(true);
  expect(await engine.query(`SELECT follows FROM turnout.entity_day WHERE entity_id = 'old'`)).toEqual([
    { follows: '3' },
  ]);
});

test('still knows sessions and people whose session ids have been cleared', async () => {
  await engine.insert([
    aRow({ ts: at(200), received_at: at(200), session_id: 'long gone', user_key: '77', type: 'page_view' }),
  ]);
  await engine.command('OPTIMIZE TABLE turnout.interactions FINAL');

  const found = await verify(engine);

  expect(await engine.query('SELECT session_id FROM turnout.interactions WHERE user_key = 77')).toEqual([
    { session_id: '' },
  ]);
  expect(found.ok).toBe(true);
});

test('a site that moved to another time zone in mid-session has nothing to repair', async () => {
  const visit = { site_id: 'moved', session_id: 'on the way', user_key: '5', search_id: 'q', query: 'Jazz' };
  await engine.insert([
    aRow({
      ...visit,
      type: 'search',
      ts: `${at(4).slice(0, 10)} 20:00:00.000`,
      local_date: at(3).slice(0, 10),
    }),
    aRow({
      ...visit,
      type: 'click',
      ts: `${at(4).slice(0, 10)} 20:05:00.000`,
      local_date: at(4).slice(0, 10),
    }),
  ]);

  expect((await verify(engine)).differences).toEqual([]);
});
