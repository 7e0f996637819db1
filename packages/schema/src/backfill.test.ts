import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openEngine, UNCOMPILED } from './engine.test-helper.ts';
import { beginBackfill, loadMigrations, migrate } from './migrate.ts';
import { verify } from './verify.ts';

/** Minutes after noon, UTC, of the day that lies so many days back: midnight falls into no test. */
const noon = (daysAgo: number, minute = 0) =>
  `${at(daysAgo).slice(0, 10)} 12:${String(minute).padStart(2, '0')}:00.000`;

let engine: Engine;
beforeEach(async () => {
  engine = openEngine(UNCOMPILED);
  // The first release ended here.
  await migrate(engine, { migrations: (await loadMigrations()).slice(0, 20) });
  await engine.insert(
    [3, 3, 40, 200].flatMap((daysAgo, index) => {
      const here = { ts: noon(daysAgo), received_at: noon(daysAgo), user_key: String(index) };
      return [
        aRow({ ...here, type: 'impression' }),
        aRow({ ...here, type: 'click', genre: 'jazz', artist_id: 'a1', price_min: '70' }),
        aRow({ ...here, type: 'exposure', experiment: 'x', variant: 'a' }),
        aRow({ ...here, type: 'waitlist_join' }),
        aRow({ ...here, type: 'media_play', props: { media: 'video', quartile: 50 } }),
        aRow({ ...here, type: 'media_play', props: { media: 'audio', quartile: 0 } }),
        aRow({ ...here, type: 'search', query: 'jazz', props: { result_count: 4 } }),
        aRow({ ...here, type: 'purchase', site_value: '160', is_bot: index === 1 ? 1 : 0 }),
      ];
    }),
  );
});
afterEach(() => engine.close());

test('an upgrade gives new rollups the history that raw has, and later rows count once', async () => {
  await migrate(engine);
  const filled = await verify(engine);
  await engine.insert([
    aRow({ ts: noon(3, 5), type: 'click', genre: 'jazz' }),
    aRow({ ts: noon(3, 5), type: 'impression' }),
  ]);
  const after = await verify(engine);

  expect(filled).toMatchObject({ ok: true, differences: [] });
  expect(after).toMatchObject({ ok: true, differences: [] });
  const tables = [
    'user_preferences',
    'experiment_users',
    'waitlist_day',
    'searches',
    'media_day',
    'site_day',
    'funnel_day',
  ];
  for (const table of tables) {
    const [row] = await engine.query<{ rows: string }>(
      `SELECT toString(count()) AS rows FROM turnout.${table}`,
    );
    expect(Number(row?.rows), table).toBeGreaterThan(3);
  }
});

test('an upgrade that was cut off in the middle of the history starts over and counts it once', async () => {
  await migrate(engine);
  await engine.command(
    `ALTER TABLE turnout.backfills DELETE WHERE name IN ('searches', 'user_preferences') SETTINGS mutations_sync = 2`,
  );
  await engine.command(`ALTER TABLE turnout.searches DELETE WHERE user_key = 0 SETTINGS mutations_sync = 2`);

  const seen: string[] = [];
  await migrate(engine, { onBackfill: ({ table }) => seen.push(table) });

  expect(new Set(seen)).toEqual(new Set(['searches', 'user_preferences']));
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
});

test('a late row completes the funnel of its own day', async () => {
  await migrate(engine);
  await verify(engine);
  await engine.insert([
    aRow({ ts: noon(3, 1), type: 'view', part: 0, user_key: '0' }),
    aRow({ ts: noon(3, 2), type: 'interest', user_key: '0' }),
  ]);

  const found = await verify(engine);

  expect(found.ok).toBe(true);
  const steps = await engine.query(
    `SELECT impressions, clicks, views, interested, ticket_clicks FROM turnout.funnel_day FINAL
     WHERE event_id = 'e1' AND date = '${at(3).slice(0, 10)}'`,
  );
  expect(steps).toEqual([{ impressions: '2', clicks: '2', views: '1', interested: '1', ticket_clicks: '0' }]);
});

test('a wrong figure in the funnel is found and healed', async () => {
  await migrate(engine);
  await verify(engine);
  await engine.command(
    `INSERT INTO turnout.funnel_day SELECT * REPLACE (purchases + 5 AS purchases) FROM turnout.funnel_day WHERE event_id = 'e1'`,
  );
  await engine.command('OPTIMIZE TABLE turnout.funnel_day FINAL');

  const healed = await verify(engine, { repair: true });

  expect(healed.repaired?.differences[0]).toMatchObject({ table: 'funnel_day', column: 'purchases' });
  expect(healed.ok).toBe(true);
});

test('rows that arrive while a history is filled in count once, a block that was cut off before too', async () => {
  await migrate(engine, { leavesBackfill: true });
  // Cut off between raw and the rollups, and stored again once the collector runs.
  const cutOff = [aRow({ ts: noon(3, 7), type: 'search', query: 'blues', genre: 'blues' })];
  const token = '00000000-0000-4000-8000-00000000c0f0';
  await engine.command('DETACH TABLE turnout.searches_mv');
  await engine.insert(cutOff, token);
  await engine.command('ATTACH TABLE turnout.searches_mv');

  const underWay = [token];
  const backfill = await beginBackfill(engine, { underWay: async () => underWay });
  const arriving = [engine.insert(cutOff, token)];
  const later = '00000000-0000-4000-8000-00000000c0f1';
  // The same rows both times: another row under one token would be in the views alone.
  const soul = [aRow({ ts: noon(3, 8), type: 'search', query: 'soul' })];
  // Since it began: an error between raw and all views. It is tried again until it is stored whole. Nothing else is stored
  // while a view is away, or the test would miss what it is to note.
  await Promise.all(arriving);
  for (const view of ['searches_mv', 'backfill_batches_mv'])
    await engine.command(`DETACH TABLE turnout.${view}`);
  await engine.insert(soul, later);
  for (const view of ['searches_mv', 'backfill_batches_mv'])
    await engine.command(`ATTACH TABLE turnout.${view}`);
  underWay.push(later);
  await backfill?.fill(({ done }) => {
    const ts = noon([3, 40, 200][done % 3] ?? 3, done);
    arriving.push(
      engine.insert([
        aRow({ ts, type: 'search', query: 'blues', genre: 'blues' }),
        aRow({ ts, type: 'exposure', experiment: 'x', variant: 'b' }),
        aRow({ ts, type: 'waitlist_join' }),
      ]),
    );
  });
  await Promise.all(arriving);
  await engine.insert(soul, later);

  expect(arriving.length).toBeGreaterThan(4);
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
  expect(await beginBackfill(engine)).toBeUndefined();
});

test('whoever is told to stop does not wait for the collector that has begun', async () => {
  await migrate(engine, { leavesBackfill: true });
  const before = await beginBackfill(engine);
  await engine.command('TRUNCATE TABLE turnout.backfill_claim_000001');
  await engine.command('INSERT INTO turnout.backfill_claim_000001 SELECT now64(3), 0');

  const waiting = beginBackfill(engine, { signal: AbortSignal.abort() });

  await expect(waiting).rejects.toThrow('stopped before it began');
  await before?.fill();
});

test('of two collectors that migrate at once one fills, and of one that is gone another takes over', async () => {
  await migrate(engine, { leavesBackfill: true });

  const [first, second] = await Promise.all([beginBackfill(engine), beginBackfill(engine)]);
  const third = await beginBackfill(engine, { isAlone: true });
  const one = first ?? second;

  expect([first, second].filter((backfill) => backfill !== undefined)).toHaveLength(1);
  await expect(one?.fill()).rejects.toThrow('another collector has taken over');
  await third?.fill();
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
});

test('a collector that was not heard of for a minute is taken over, and not before', async () => {
  await migrate(engine, { leavesBackfill: true });
  const silent = await beginBackfill(engine);
  const heardOf = async (secondsAgo: number) => {
    await engine.command('TRUNCATE TABLE turnout.backfill_claim_000001');
    await engine.command(
      `INSERT INTO turnout.backfill_claim_000001 SELECT now64(3) - INTERVAL ${secondsAgo} SECOND, 0`,
    );
  };

  await heardOf(20);
  const giveUp = new AbortController();
  const once = {
    ...engine,
    query<Row>(sql: string, parameters?: Record<string, unknown>) {
      if (sql.includes('FROM turnout.backfill_claim_')) giveUp.abort();
      return engine.query<Row>(sql, parameters);
    },
  };
  await expect(beginBackfill(once, { signal: giveUp.signal })).rejects.toThrow('stopped before it began');
  await heardOf(61);
  const next = await beginBackfill(engine);

  await expect(silent?.fill()).rejects.toThrow('another collector has taken over');
  await next?.fill();
  expect(await verify(engine)).toMatchObject({ ok: true, differences: [] });
  const claims = `SELECT name FROM system.tables WHERE database = 'turnout' AND startsWith(name, 'backfill_claim_')`;
  expect(await engine.query(claims)).toEqual([]);
});
