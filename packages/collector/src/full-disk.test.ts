/**
 * A collector whose disk is full: it starts, stores what it acknowledged, and takes batches again.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { Disk } from './log/disk.ts';
import { DiskFull, LogFailed, openLog } from './log/log.ts';
import { openReserve } from './log/reserve.ts';
import { openPlans } from './plan.ts';
import { openRepairNote } from './repair-note.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aSmallDisk } from './testing/small-disk.ts';
import { aFolder } from './testing/temporary.ts';
import type { WritableDatabase } from './writable-database.ts';
import { createWriter } from './writer.ts';

const { database } = anEngineForThisFile();

const away = () => Promise.reject(new Error('away'));

/** Log, reserve and writer as after a start of the collector. */
async function aStart(folderDisk: Disk, to: WritableDatabase) {
  const reserve = await openReserve({ disk: folderDisk, maxLogBytes: 40_000 });
  const { disk } = reserve;
  const log = await openLog({ disk, maxBytes: 40_000 - reserve.bytes, reserve });
  reserve.watch(() => log.bytes() === 0);
  const writer = createWriter({
    log,
    disk,
    plans: await openPlans(disk),
    database: to,
    repairNote: await openRepairNote(disk),
    looksUpAll: () => true,
  });
  writer.start();
  const stop = async () => {
    await writer.stop();
    await log.close();
    await reserve.close();
  };
  onTestFinished(stop);
  return { reserve, log, writer, stop };
}

const storedOf = (site: string) =>
  database()
    .query<{ stored: string }>(
      'SELECT toString(id) AS stored FROM turnout.interactions WHERE site_id = {site:String} ORDER BY stored',
      { site },
    )
    .then((rows) => rows.map(({ stored }) => stored));

test.each([
  ['without a restart', false],
  ['at a start', true],
])('drains a full disk %s, refuses batches meanwhile, and takes them again', async (_name, isRestarted) => {
  const site = `full-${isRestarted}`;
  const rows = Array.from({ length: 12 }, () => aRow({ site_id: site }));
  const small = await aSmallDisk(await aFolder(), 60_000);
  let isAway = true;
  const flaky: WritableDatabase = {
    ...database(),
    query: <Row>(sql: string, parameters?: Record<string, unknown>) =>
      isAway ? away() : database().query<Row>(sql, parameters),
    insertBlock: (table, token, bytes) => (isAway ? away() : database().insertBlock(table, token, bytes)),
  };
  let collector = await aStart(small.disk, flaky);
  for (const row of rows) await collector.log.append([anEntry(row)]);
  await small.fill();

  await expect(collector.log.append([anEntry(aRow({ site_id: site }))])).rejects.toThrow(LogFailed);
  if (isRestarted) {
    await collector.stop();
    collector = await aStart(small.disk, flaky);
    expect(collector.reserve.isKept()).toBe(false);
    const room = await small.disk.free();
    await expect(collector.log.append([anEntry()])).rejects.toThrow(DiskFull);
    expect(await small.disk.free()).toBe(room);
  }
  isAway = false;

  await expect.poll(() => storedOf(site), { timeout: 60_000 }).toEqual(rows.map(({ id }) => id));
  // Still as full of other people's files: what the log has let go of is enough.
  await expect.poll(() => collector.reserve.isKept(), { timeout: 60_000 }).toBe(true);
  const later = aRow({ site_id: site });
  await collector.log.append([anEntry(later)]);
  expect(await collector.writer.drain(10_000)).toBe(true);
  expect(await storedOf(site)).toEqual([...rows.map(({ id }) => id), later.id]);
});
