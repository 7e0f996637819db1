/** A log and its writer. Each file that imports this has a process and an engine of its own. */
import { onTestFinished } from 'vitest';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import type { Segment } from './log/segment.ts';
import { openPlans } from './plan.ts';
import { openRepairNote } from './repair-note.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';
import type { WritableDatabase } from './writable-database.ts';
import { createWriter } from './writer.ts';

export const { database } = anEngineForThisFile();

/** A log in a folder of its own and a writer on it, as after a start of the collector. */
export async function aCollector(
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
export async function countsOf(site: string) {
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
