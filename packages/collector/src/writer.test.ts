import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import type { LogEntry } from './log/record.ts';
import type { Segment } from './log/segment.ts';
import { openPlans } from './plan.ts';
import { openRepairNote } from './repair-note.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';
import type { WritableDatabase } from './writable-database.ts';
import { createWriter } from './writer.ts';

const { database } = anEngineForThisFile();

/** A log in a folder of its own and a writer on it, as after a start of the collector. */
async function aCollector(
  overrides: {
    folder?: string;
    database?: WritableDatabase;
    looksUpAll?: boolean | ((segment: Segment) => boolean);
    now?: () => number;
    isErased?: NonNullable<Parameters<typeof createWriter>[0]['isErased']>;
  } = {},
) {
  const folder = overrides.folder ?? (await aFolder());
  const disk = await openDisk(folder);
  const log = await openLog({ disk, maxBytes: 1024 * 1024 * 1024 });
  const errors: unknown[] = [];
  const inserted: { rows: number; duplicates: number; refused: number }[] = [];
  const repairNote = await openRepairNote(disk);
  const writer = createWriter({
    log,
    repairNote,
    ...(overrides.now ? { now: overrides.now } : {}),
    ...(overrides.isErased ? { isErased: overrides.isErased } : {}),
    disk,
    plans: await openPlans(disk),
    database: overrides.database ?? database(),
    looksUpAll: (segment) =>
      typeof overrides.looksUpAll === 'function'
        ? overrides.looksUpAll(segment)
        : (overrides.looksUpAll ?? false),
    onError: (error) => errors.push(error),
    onInserted: ({ rows, duplicates, refused }) => inserted.push({ rows, duplicates, refused }),
  });
  writer.start();
  const stop = async () => {
    await writer.stop();
    await log.close();
  };
  onTestFinished(stop);
  return { folder, disk, log, writer, errors, inserted, repairNote, stop };
}

/** The rows of a site in raw, and the clicks its rollup counts. */
async function countsOf(site: string) {
  const [raw] = await database().query<{ rows: number; ids: number }>(
    'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS ids FROM turnout.interactions WHERE site_id = {site:String}',
    { site },
  );
  const [rollup] = await database().query<{ clicks: number }>(
    'SELECT toUInt32(sum(clicks)) AS clicks FROM turnout.event_daily WHERE site_id = {site:String}',
    { site },
  );
  return { ...raw, ...rollup };
}

test('stores what the log holds as one block under the token of its segment', async () => {
  const { log, writer, disk } = await aCollector();
  const rows = [aRow({ site_id: 'one-block' }), aRow({ site_id: 'one-block' })];

  await log.append(rows.map((row) => anEntry(row)));
  expect(await writer.drain(10_000)).toBe(true);

  const stored = await database().query<{ id: string; batch: string }>(
    "SELECT toString(id) AS id, toString(batch) AS batch FROM turnout.interactions WHERE site_id = 'one-block' ORDER BY id",
  );
  expect(stored.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  expect(new Set(stored.map(({ batch }) => batch)).size).toBe(1);
  expect(await disk.list()).toEqual([]);
});

test('drains what was appended before, while more keeps coming', async () => {
  const { log, writer } = await aCollector();
  const before = Array.from({ length: 3 }, () => aRow({ site_id: 'busy' }));
  await log.append(before.map((row) => anEntry(row)));
  let isOver = false;
  const traffic = (async () => {
    while (!isOver) await log.append([anEntry(aRow({ site_id: 'busy' }))]);
  })();

  const isDrained = await writer.drain(10_000);
  isOver = true;
  await traffic;

  expect(isDrained).toBe(true);
  const stored = await database().query<{ id: string }>(
    "SELECT toString(id) AS id FROM turnout.interactions WHERE site_id = 'busy'",
  );
  expect(stored.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
});

test('leaves out a doubtful row that is stored, whichever segment brought it', async () => {
  const { log, writer, inserted } = await aCollector();
  const row = aRow({ site_id: 'doubtful' });
  await log.append([anEntry(row)]);
  await writer.drain(10_000);

  await log.append([
    anEntry({ ...row, attempt: 1 }, 'd'),
    anEntry(aRow({ site_id: 'doubtful', attempt: 1 }), 'd'),
  ]);
  await writer.drain(10_000);

  expect(inserted).toEqual([
    { rows: 1, duplicates: 0, refused: 0 },
    { rows: 1, duplicates: 1, refused: 0 },
  ]);
  expect(await countsOf('doubtful')).toEqual({ rows: 2, ids: 2, clicks: 2 });
});

test('leaves out a second copy within one segment', async () => {
  const { log, writer } = await aCollector();
  const row = aRow({ site_id: 'twice' });

  await log.append([anEntry(row), anEntry({ ...row, attempt: 1 }, 'd')]);
  await writer.drain(10_000);

  expect(await countsOf('twice')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});

test('looks every row up when it is told to', async () => {
  const row = aRow({ site_id: 'young' });
  const before = await aCollector();
  await before.log.append([anEntry(row)]);
  await before.writer.drain(10_000);

  const after = await aCollector({ looksUpAll: true });
  await after.log.append([anEntry(row)]);
  await after.writer.drain(10_000);

  expect(await countsOf('young')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});

test('says which segments an earlier run left', async () => {
  const asked: (true | undefined)[] = [];
  const looksUpAll = ({ isInherited }: Segment) => {
    asked.push(isInherited);
    return false;
  };
  const before = await aCollector();
  await before.writer.pause();
  await before.log.append([anEntry(aRow({ site_id: 'left' }))]);
  await before.stop();

  const { log, writer } = await aCollector({ folder: before.folder, looksUpAll });
  await log.append([anEntry(aRow({ site_id: 'left' }))]);
  await writer.drain(10_000);

  expect(asked).toEqual([true, undefined]);
});

test('keeps one id of two sites apart', async () => {
  const { log, writer } = await aCollector();
  const row = aRow({ site_id: 'site-a' });
  await log.append([anEntry(row)]);
  await writer.drain(10_000);

  await log.append([anEntry({ ...row, site_id: 'site-b', attempt: 1 }, 'd')]);
  await writer.drain(10_000);

  expect(await countsOf('site-a')).toMatchObject({ rows: 1 });
  expect(await countsOf('site-b')).toMatchObject({ rows: 1 });
});

test('counts an order once, the first, though page and back end name buyer and day differently', async () => {
  const { log, writer } = await aCollector();
  const page = aRow({
    site_id: 'shop',
    type: 'purchase',
    order_id: 'o-1',
    value: '50',
    site_value: '50',
    user_key: '1',
  });
  await log.append([anEntry(page, 'd')]);
  await writer.drain(10_000);

  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const backEnd = { ...page, user_key: '2', id_day: yesterday, value: '51', site_value: '51' };
  await log.append([anEntry(backEnd, 'd')]);
  await writer.drain(10_000);

  const [row] = await database().query<{ orders: number; revenue: number }>(
    "SELECT toUInt32(sum(purchases)) AS orders, toFloat64(sum(revenue)) AS revenue FROM turnout.event_daily WHERE site_id = 'shop'",
  );
  expect(row).toEqual({ orders: 1, revenue: 50 });
});

test('a crash after the insert and before its acknowledgement changes nothing at the replay', async () => {
  const site = 'unacknowledged';
  const row = aRow({ site_id: site });
  const forgetful: WritableDatabase = {
    ...database(),
    async insertBlock(table, token, rows) {
      await database().insertBlock(table, token, rows);
      throw new Error('the connection broke before the answer');
    },
  };
  const first = await aCollector({ database: forgetful, looksUpAll: true });
  await first.log.append([anEntry(row), anEntry(aRow({ site_id: site }))]);
  await expect.poll(() => first.errors.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await first.stop();
  expect(await countsOf(site)).toEqual({ rows: 2, ids: 2, clicks: 2 });

  // A look-up would now find both rows and leave them out: another block. The plan says: all of them.
  const second = await aCollector({ folder: first.folder, looksUpAll: true });
  expect(await second.writer.drain(10_000)).toBe(true);

  expect(second.inserted).toEqual([{ rows: 2, duplicates: 0, refused: 0 }]);
  expect(await countsOf(site)).toEqual({ rows: 2, ids: 2, clicks: 2 });
});

test('a plan that was written but never carried out holds at the replay', async () => {
  const site = 'planned';
  const stored = aRow({ site_id: site });
  const early = await aCollector();
  await early.log.append([anEntry(stored)]);
  await early.writer.drain(10_000);
  const away: WritableDatabase = { ...database(), insertBlock: () => Promise.reject(new Error('away')) };
  const first = await aCollector({ database: away });
  await first.log.append([anEntry(stored, 'd'), anEntry(aRow({ site_id: site }))]);
  await expect.poll(() => first.errors.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await first.stop();

  // The stored twin cannot be found any more: deciding again would bring it back.
  const blind: WritableDatabase = { ...database(), query: () => Promise.resolve([]) };
  const second = await aCollector({ folder: first.folder, database: blind });
  await second.writer.drain(10_000);

  expect(second.inserted).toEqual([{ rows: 1, duplicates: 1, refused: 0 }]);
});

test('a segment without a plan is stored after a crash', async () => {
  const folder = await aFolder();
  const log = await openLog({ disk: await openDisk(folder), maxBytes: 1024 * 1024 });
  await log.append([anEntry(aRow({ site_id: 'crashed' }))]);
  await log.close();

  const { writer } = await aCollector({ folder, looksUpAll: true });
  await writer.drain(10_000);

  expect(await countsOf('crashed')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});

test('finds the rows that the database refuses, keeps them aside with its reason, stores their neighbours', async () => {
  const site = 'refused';
  const { log, writer, inserted } = await aCollector();
  const bad = aRow({ site_id: site, local_date: 'next friday' });
  const good = Array.from({ length: 9 }, () => aRow({ site_id: site }));

  await log.append([...good.slice(0, 4), bad, ...good.slice(4)].map((row) => anEntry(row)));
  expect(await writer.drain(20_000)).toBe(true);

  expect(inserted).toEqual([{ rows: 9, duplicates: 0, refused: 1 }]);
  expect(await countsOf(site)).toEqual({ rows: 9, ids: 9, clicks: 9 });
  const [rejected] = await database().query<{ id: string; code: string; message: string; text: string }>(
    "SELECT id, code, message, text FROM turnout.rejected_interactions WHERE site_id = 'refused'",
  );
  expect(rejected).toMatchObject({
    id: bad.id,
    code: 'refused',
    text: expect.stringContaining('next friday'),
  });
  expect(rejected?.message).not.toBe('');
});

test('finds the row that the database refuses behind a line of an order that does not count', async () => {
  const site = 'refused-retold';
  const { log, writer, inserted } = await aCollector();
  const line = { site_id: site, type: 'purchase', order_id: 'A-1' } as const;
  const bad = aRow({ site_id: site, local_date: 'next friday' });

  await log.append([
    anEntry(aRow({ ...line, sdk: 'js/1' }), 'd'),
    anEntry(aRow({ ...line, sdk: 'ingest' }), 'd'),
    anEntry(bad),
    anEntry(aRow({ site_id: site })),
  ]);
  expect(await writer.drain(20_000)).toBe(true);

  expect(inserted).toEqual([{ rows: 2, duplicates: 1, refused: 1 }]);
  expect(
    await database().query(
      `SELECT code, id FROM turnout.rejected_interactions WHERE site_id = '${site}' AND code = 'refused'`,
    ),
  ).toEqual([{ code: 'refused', id: bad.id }]);
});

test('what was rejected stops nothing: half a character is mended, a row that the database refuses is left out', async () => {
  const site = 'half';
  const { log, writer } = await aCollector();
  const rejected = (index: number, id: string, day: string): LogEntry => ({
    kind: 'r',
    key: `${site}/b#${index}`,
    json: JSON.stringify({
      ...{ site_id: site, received_at: '2026-05-01 00:00:00.000', received_day: day, batch_id: randomUUID() },
      ...{ index, id, code: 'invalid', message: 'no \ud83c', text: '"\\ud800"', user_key: '0' },
    }),
  });

  const today = new Date().toISOString().slice(0, 10);
  await log.append([
    rejected(0, '\ud800', today),
    rejected(1, 'refused', 'next friday'),
    rejected(2, 'fine', today),
    anEntry(aRow({ site_id: site })),
  ]);
  expect(await writer.drain(20_000)).toBe(true);

  expect(await countsOf(site)).toEqual({ rows: 1, ids: 1, clicks: 1 });
  expect(
    await database().query(
      `SELECT id, message, text FROM turnout.rejected_interactions WHERE site_id = '${site}' ORDER BY index`,
    ),
  ).toEqual([
    { id: '\ufffd', message: 'no \ufffd', text: '"\\ud800"' },
    { id: 'fine', message: 'no \ufffd', text: '"\\ud800"' },
  ]);
});

test('a segment older than the memory of the tables is completed row by row, and asks for a repair', async () => {
  const site = 'stale';
  const [stored, missing] = [aRow({ site_id: site }), aRow({ site_id: site })];
  const away: WritableDatabase = { ...database(), insertBlock: () => Promise.reject(new Error('away')) };
  const threeHoursAgo = () => Date.now() - 3 * 3_600_000;
  const first = await aCollector({ database: away, now: threeHoursAgo });
  await first.log.append([anEntry(stored), anEntry(missing)]);
  await first.log.seal();
  await expect.poll(() => first.errors.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await first.stop();
  // The first attempt left one row behind, and then the tables took 6,000 other blocks.
  const early = await aCollector();
  await early.log.append([anEntry(stored)]);
  await early.writer.drain(10_000);
  const busy: WritableDatabase = {
    ...database(),
    query: <Row>(sql: string, parameters?: Record<string, unknown>) =>
      sql.includes('uniqExact(batch)')
        ? Promise.resolve([{ blocks: '6000' } as Row])
        : database().query<Row>(sql, parameters),
  };

  const second = await aCollector({ folder: first.folder, database: busy });
  expect(await second.writer.drain(10_000)).toBe(true);

  expect(second.inserted).toEqual([{ rows: 1, duplicates: 1, refused: 0 }]);
  expect(await countsOf(site)).toEqual({ rows: 2, ids: 2, clicks: 2 });
  expect(second.repairNote.reason()).toContain('turnout verify --repair');
});

test('stores what came before the clock was put back, and drains it', async () => {
  const site = 'put-back';
  const { log, writer } = await aCollector({ now: () => Date.now() - 3_600_000 });

  await log.append([anEntry(aRow({ site_id: site }))]);
  expect(await writer.drain(20_000)).toBe(true);
  expect(await countsOf(site)).toMatchObject({ rows: 1 });
  await log.append([anEntry(aRow({ site_id: site }))]);

  await expect.poll(() => countsOf(site), { timeout: 60_000 }).toMatchObject({ rows: 2 });
});

test('takes nothing while paused, and catches up afterwards', async () => {
  const { log, writer } = await aCollector();

  await writer.pause();
  await log.append([anEntry(aRow({ site_id: 'paused' }))]);
  expect(await writer.drain(300)).toBe(false);
  expect(await countsOf('paused')).toMatchObject({ rows: 0 });

  writer.resume();
  expect(await writer.drain(10_000)).toBe(true);
  expect(await countsOf('paused')).toMatchObject({ rows: 1 });
});

test('leaves every rollup equal to its recount', async () => {
  const { ok, differences } = await verify(database());

  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});

test('a planned segment that comes back after an erasure brings its person back in no table', async () => {
  const folder = await aFolder();
  const rows = [aRow({ site_id: 'erased', user_key: '1' }), aRow({ site_id: 'erased', user_key: '2' })];
  const failing = {
    ...database(),
    insertBlock: () => Promise.reject(new Error('the database is away')),
  };
  const first = await aCollector({ folder, database: failing });
  await first.log.append(rows.map((row) => anEntry(row)));
  // The plan is on the disk, and the person in it.
  await expect.poll(() => first.errors.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await first.stop();

  const asked: boolean[] = [];
  const second = await aCollector({
    folder,
    isErased(record, { isPlanned }) {
      asked.push(isPlanned);
      return String(record.json).includes('"user_key":"1"');
    },
  });
  expect(await second.writer.drain(10_000)).toBe(true);

  expect(new Set(asked)).toEqual(new Set([true]));
  expect(await countsOf('erased')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});
