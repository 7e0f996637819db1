/** One shard, in the real engine. What only Keeper and a second machine could show is said in docs/decisions/0013. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { claimOnCluster } from './cluster-claim.ts';
import { aRow, at, openShard, UNCOMPILED } from './engine.test-helper.ts';
import { beginBackfill } from './migrate.ts';
import { verify } from './verify.ts';

let shard: Awaited<ReturnType<typeof openShard>>;
beforeEach(async () => {
  shard = await openShard(UNCOMPILED);
  await shard.insert(history());
  // As an upgrade leaves it: rollups that count from now on, and no record of them.
  await shard.command('TRUNCATE TABLE turnout.backfills');
  for (const table of ['searches', 'media_day', 'site_day', 'waitlist_day'])
    await shard.command(`TRUNCATE TABLE turnout.${table}_local`);
  await shard.insert(history());
  shard.sent.length = 0;
});
afterEach(() => shard.close());

function history() {
  const types = ['click', 'search', 'exposure', 'waitlist_join', 'media_play', 'purchase'] as const;
  return Array.from({ length: 24 }, (_, index) =>
    aRow({
      ...{
        type: types[index % types.length] ?? 'click',
        ts: at((index % 4) + 0.3),
        genre: 'jazz',
        query: 'monk',
      },
      ...{ user_key: String(index % 5), experiment: 'x', variant: 'a', site_value: '12.5' },
      props: { media: 'video', quartile: 25 },
    }),
  );
}

const recorded = () => shard.query('SELECT DISTINCT name FROM turnout.backfills ORDER BY name');
const expectFilled = async () => {
  expect(await recorded()).toHaveLength(7);
  expect(await verify(shard)).toMatchObject({ ok: true, differences: [] });
};
/** A claim that another collector made so many seconds ago, and said no more. */
const leaveClaim = (number: number, secondsAgo: number) =>
  shard.command(
    `INSERT INTO turnout.backfill_claims SELECT ${number}, generateUUIDv4(), now64(3) - INTERVAL ${secondsAgo} SECOND, 0`,
  );
const truncated = () => shard.sent.filter((sql) => sql.startsWith('TRUNCATE')).length;

test('a history is filled on every shard before rows are stored, with statements that the engine can read', async () => {
  const seen = new Set<string>();

  const backfill = await beginBackfill(shard, { onProgress: ({ table }) => seen.add(table) });

  expect(backfill).toBeUndefined();
  expect([...seen]).toEqual([
    'user_preferences',
    'experiment_users',
    'waitlist_day',
    'searches',
    'media_day',
    'site_day',
  ]);
  const sent = [...shard.sent];
  await expectFilled();
  for (const sql of sent) {
    if (sql.startsWith('SYSTEM')) await shard.query('SELECT formatQuery({sql:String})', { sql });
    else await expect(shard.query(`EXPLAIN AST ${sql}`)).resolves.not.toHaveLength(0);
    if (!sql.startsWith('INSERT')) expect(sql).toContain("ON CLUSTER 'fans'");
    if (sql.startsWith('TRUNCATE')) expect(sql).toMatch(/turnout\.\w+_local ON/);
    // What is computed from one shard, or put on one, would lack the others.
    else if (sql.startsWith('INSERT')) expect(sql).not.toContain('_local');
  }
  // Replicas agree on what is filled already and on what raw has before it is read, and who has the claim before each piece.
  const first = (part: string) => sent.findIndex((sql) => sql.includes(part));
  expect(first('SYNC REPLICA')).toBeGreaterThanOrEqual(0);
  expect(first("'fans' turnout.interactions_local")).toBeGreaterThanOrEqual(0);
  expect(first("'fans' turnout.interactions_local")).toBeLessThan(first('TRUNCATE'));
  expect(first("'fans' turnout.backfills")).toBeGreaterThan(first('INSERT INTO turnout.backfill_claims'));
  expect(first("'fans' turnout.backfills")).toBeLessThan(first('TRUNCATE'));
  // A machine that is asked next has what was changed. Who has the claim is said in between, now and then.
  const changes = sent.filter((sql) => !sql.startsWith('INSERT INTO turnout.backfill_claims'));
  const changed =
    /^(?:TRUNCATE TABLE|INSERT INTO) turnout\.(\w+_local|backfills|searches|user_\w+|\w+_users|[a-z]+_day) /;
  for (const [index, sql] of changes.entries()) {
    const table = changed.exec(sql)?.[1];
    if (table !== undefined)
      expect(changes[index + 1]).toMatch(
        new RegExp(`^SYSTEM SYNC REPLICA ON CLUSTER 'fans' turnout.${table}(_local)?$`),
      );
  }
  for (const [index, sql] of sent.entries())
    if (/^(TRUNCATE|INSERT INTO turnout\.(searches|media_day|site_day|waitlist_day))/.test(sql))
      expect(
        sent.slice(0, index).findLastIndex((it) => it.includes("'fans' turnout.backfill_claims")),
      ).toBeGreaterThan(
        sent.slice(0, index).findLastIndex((it) => /^(TRUNCATE|INSERT INTO turnout\.[a-z]+_day )/.test(it)),
      );
  expect(await beginBackfill(shard)).toBeUndefined();
});

test('of two collectors that begin at once one fills, and the other waits until it has', async () => {
  await Promise.all([beginBackfill(shard), beginBackfill(shard)]);

  expect(truncated()).toBe(6);
  await expectFilled();
});

test('of many that claim at once one gets it, and the next after its release', async () => {
  const giveUp = new AbortController();
  const got: Awaited<ReturnType<typeof claimOnCluster>>[] = [];
  const asked = Array.from({ length: 6 }, async () => {
    const claim = await claimOnCluster(shard, false, giveUp.signal);
    if (claim) got.push(claim);
  });
  await expect.poll(() => got.length, { timeout: 60_000 }).toBe(1);
  await expect(got[0]?.check()).resolves.toBeUndefined();
  // The records of the others were dropped: two of one claim could be read in another order on another machine.
  const owners = `SELECT toUInt8(uniqExact(owner)) AS owners FROM turnout.backfill_claims WHERE number = 1`;
  expect(await shard.query(owners)).toEqual([{ owners: 1 }]);

  await got[0]?.release();

  await expect.poll(() => got.length, { timeout: 60_000 }).toBe(2);
  giveUp.abort();
  await Promise.all(asked);
  expect(got).toHaveLength(2);
  await expect(got[0]?.check()).rejects.toThrow('another collector has taken over');
  await got[1]?.release();
}, 60_000);

/** Looks once whether nobody has the claim, and takes it then. */
function lookOnce(isAlone = false) {
  const giveUp = new AbortController();
  const once = {
    ...shard,
    query<Row>(sql: string, parameters?: Record<string, unknown>) {
      giveUp.abort();
      return shard.query<Row>(sql, parameters);
    },
  };
  return claimOnCluster(once, isAlone, giveUp.signal);
}

test('a claim is free once it was released, a minute after its owner was heard of, and to who is alone', async () => {
  const first = await lookOnce();
  expect(await lookOnce()).toBeUndefined();
  await first?.release();
  const second = await lookOnce();
  expect(second).toBeDefined();
  await second?.release();

  await leaveClaim(3, 20);
  expect(await lookOnce()).toBeUndefined();
  const alone = await lookOnce(true);
  expect(alone).toBeDefined();
  await alone?.release();

  await leaveClaim(9, 61);
  const ofWhoeverDied = await lookOnce();
  expect(ofWhoeverDied).toBeDefined();
  await ofWhoeverDied?.release();
});

test('the owner of a claim is heard of every ten seconds and before each piece, until it releases the claim', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const said = () => shard.sent.filter((sql) => sql.startsWith('INSERT INTO turnout.backfill_claims')).length;

  const claim = await lookOnce();
  expect(said()).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(said()).toBe(4);
  await claim?.check();
  expect(said()).toBe(5);
  await claim?.release();
  await vi.advanceTimersByTimeAsync(30_000);

  expect(said()).toBe(6);
});

test('of a collector that died in the middle another takes over after a minute, and one that is alone at once', async () => {
  await (await claimOnCluster(shard, true))?.release();
  await leaveClaim(2, 5);
  const stop = new AbortController();
  const waiting = beginBackfill(shard, { signal: stop.signal });
  const waited = expect(waiting).rejects.toThrow('stopped before the history was filled in');
  await shard.command(`INSERT INTO turnout.searches SELECT * FROM turnout.searches`);
  stop.abort();
  await waited;
  expect(truncated()).toBe(0);

  await beginBackfill(shard, { isAlone: true });
  await expectFilled();

  await shard.command('TRUNCATE TABLE turnout.backfills');
  await leaveClaim(9, 61);
  await beginBackfill(shard);
  await expectFilled();
}, 60_000);

test('whoever was taken over stops before its next piece, and records nothing', async () => {
  const pieces: string[] = [];
  const late = beginBackfill(shard, {
    onProgress({ table }) {
      pieces.push(table);
      void leaveClaim(7, 0);
    },
  });

  await expect(late).rejects.toThrow('another collector has taken over');

  expect(pieces).toHaveLength(1);
  expect(await recorded()).toEqual([]);
  await beginBackfill(shard, { isAlone: true });
  await expectFilled();
});

test('whoever is told to stop stops before its next piece, and the next one fills anew', async () => {
  const stop = new AbortController();
  const pieces: string[] = [];
  const stopped = beginBackfill(shard, {
    signal: stop.signal,
    onProgress({ table }) {
      pieces.push(table);
      stop.abort();
    },
  });

  await expect(stopped).rejects.toThrow('stopped before the history was filled in');

  expect(pieces).toHaveLength(1);
  expect(await recorded()).toEqual([]);
  // Nobody waits a minute for who has left.
  const next = await lookOnce();
  expect(next).toBeDefined();
  await next?.release();
  await beginBackfill(shard);
  await expectFilled();
});

test('what was stored meanwhile may count twice, so nothing is recorded, and the next time fills anew', async () => {
  const arriving: Promise<void>[] = [];
  const disturbed = beginBackfill(shard, {
    onProgress: ({ table }) => {
      if (table === 'searches')
        arriving.push(shard.insert([aRow({ type: 'search', query: 'late', ts: at(1.3) })]));
    },
  });

  await expect(disturbed).rejects.toThrow('rows were stored while the history of new rollups was filled in');
  await Promise.all(arriving);

  expect(await recorded()).toEqual(
    ['experiment_users', 'user_preferences', 'waitlist_day'].map((name) => ({ name })),
  );
  await beginBackfill(shard);
  await expectFilled();
});

test('a block that was cut off between raw and its rollups is left to the views, and counts once', async () => {
  const token = randomUUID();
  const cutOff = [aRow({ type: 'search', query: 'blues', ts: at(1.3) })];
  await shard.command('DETACH TABLE turnout.searches_mv');
  await shard.insert(cutOff, token);
  await shard.command('ATTACH TABLE turnout.searches_mv');

  await beginBackfill(shard, { underWay: async () => [token] });
  await shard.insert(cutOff, token);

  await expectFilled();
});

test('an interaction that raw holds twice is filled in once', async () => {
  const twice = aRow({ type: 'search', query: 'monk', ts: at(1.3), user_key: '77' });
  await shard.command('SYSTEM STOP MERGES turnout.interactions_local');
  await shard.insert([twice]);
  await shard.insert([twice]);
  const inRaw = async () => {
    const [row] = await shard.query<{ n: string }>(
      `SELECT toString(count()) AS n FROM turnout.interactions WHERE user_key = 77`,
    );
    return row?.n;
  };
  expect(await inRaw()).toBe('2');

  await beginBackfill(shard);

  const { differences } = await verify(shard);
  expect(differences.filter(({ table }) => ['searches', 'user_preferences'].includes(table))).toEqual([]);
  // Rollups that were not filled have counted it twice, which shows that verification would see it.
  expect(differences.filter(({ table }) => table === 'user_day')).not.toEqual([]);
});

test('inserts that run on any machine are waited for before a rollup is emptied, and later ones are not', async () => {
  // An engine in this process runs one statement after the other: what other machines would answer is added.
  const emptied: number[] = [];
  const machines = {
    ...shard,
    async query<Row>(sql: string, parameters?: Record<string, unknown>) {
      const rows = await shard.query<Row>(sql, parameters);
      if (!sql.includes("clusterAllReplicas('fans', system.processes)")) return rows;
      emptied.push(truncated());
      const running = [{ id: 'between raw and its rollups' }, { id: 'later' }].slice(
        emptied.length > 3 ? 1 : 0,
        emptied.length > 1 ? 2 : 1,
      );
      return [...rows, ...running] as Row[];
    },
  };

  await beginBackfill(machines);

  expect(emptied).toEqual([0, 0, 0, 0]);
  await expectFilled();
});

test('what reaches raw while it waits for running inserts was stored meanwhile, too', async () => {
  let isStored = false;
  const machines = {
    ...shard,
    async query<Row>(sql: string, parameters?: Record<string, unknown>) {
      if (sql.includes('system.processes') && !isStored) {
        isStored = true;
        await shard.insert([aRow({ type: 'search', query: 'late', ts: at(1.3) })]);
      }
      return shard.query<Row>(sql, parameters);
    },
  };

  await expect(beginBackfill(machines)).rejects.toThrow('rows were stored while');

  expect([truncated(), await recorded()]).toEqual([0, []]);
  await beginBackfill(shard);
  await expectFilled();
});
