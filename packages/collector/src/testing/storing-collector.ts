import { expect, onTestFinished } from 'vitest';
import { rememberEarlierIds } from '../earlier-ids.ts';
import { createIntake } from '../intake.ts';
import { openDisk } from '../log/disk.ts';
import { openLog } from '../log/log.ts';
import { openPlans } from '../plan.ts';
import { createRecent } from '../recent.ts';
import { openRepairNote } from '../repair-note.ts';
import type { WritableDatabase } from '../writable-database.ts';
import { createWriter } from '../writer.ts';

/** What stores rows, without the doors by which they come: it takes them, and stores nothing until it is told to. */
export async function aStoringCollector(
  folder: string,
  database: WritableDatabase,
  options: { idsAQuery?: number } = {},
) {
  const disk = await openDisk(folder);
  const log = await openLog({ disk, maxBytes: 1024 * 1024 });
  const plans = await openPlans(disk);
  const recent = createRecent();
  await rememberEarlierIds({ recent, log, disk, plans, database });
  const errors: unknown[] = [];
  const inserted: { rows: number; duplicates: number; refused: number }[] = [];
  const writer = createWriter({
    log,
    disk,
    plans,
    database,
    repairNote: await openRepairNote(disk),
    looksUpAll: () => false,
    onError: (error) => errors.push(error),
    onInserted: ({ rows, duplicates, refused }) => inserted.push({ rows, duplicates, refused }),
    ...options,
  });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await writer.stop();
    await log.close();
  };
  onTestFinished(close);
  const store = async () => {
    writer.start();
    expect(await writer.drain(60_000)).toBe(true);
    expect(errors).toEqual([]);
  };
  return { intake: createIntake(log, recent), store, close, inserted };
}
