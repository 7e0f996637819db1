import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import type { Segment } from './log/segment.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';
import type { WritableDatabase } from './writable-database.ts';
import { aCollector, countsOf, database } from './writer.test-helper.ts';

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

test('leaves every rollup equal to its recount', async () => {
  const { ok, differences } = await verify(database());

  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});
