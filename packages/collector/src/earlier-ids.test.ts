import type { InteractionRow } from '@turnout/schema';
import { expect, test } from 'vitest';
import { rememberEarlierIds } from './earlier-ids.ts';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import { encodeRecords } from './log/record.ts';
import { openPlans, type Plan } from './plan.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';

const { database } = anEngineForThisFile();

const MINUTE = 60_000;
const timeOf = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
const keyOf = ({ site_id, id }: InteractionRow) => `${site_id}/${id}`;

/** The far future has no rows of other tests. */
let epoch = Date.UTC(2030, 0, 1);
function aTime(): number {
  epoch += 86_400_000;
  return epoch;
}

async function store(...rows: InteractionRow[]): Promise<void> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await database().insertBlock('turnout.interactions', crypto.randomUUID(), Buffer.from(lines));
}

/** What memory hears in a folder as an earlier run left it. */
async function hear(options: { folder?: string; now: number; maxIds?: number }) {
  const disk = await openDisk(options.folder ?? (await aFolder()));
  const log = await openLog({ disk, maxBytes: 1024 * 1024 });
  const heard: { keys: string[]; since: number }[] = [];
  await rememberEarlierIds({
    recent: { remember: (keys, since) => void heard.push({ keys: [...keys], since }) },
    log,
    disk,
    plans: await openPlans(disk),
    database: database(),
    now: () => options.now,
    ...(options.maxIds === undefined ? {} : { maxIds: options.maxIds }),
  });
  await log.close();
  return heard[0];
}

test('reads what was stored within the last ten minutes, of all sites and days', async () => {
  const now = aTime();
  const at = (ms: number) => ({ ts: timeOf(now), received_at: timeOf(ms) });
  const fresh = [
    aRow({ site_id: 'earlier-a', ...at(now - 10 * MINUTE) }),
    // A page that was frozen for days, and a clock that was put back since.
    aRow({ site_id: 'earlier-b', ...at(now - MINUTE), ts: timeOf(now - 13 * 86_400_000) }),
    aRow({ site_id: 'earlier-b', ...at(now + 60 * MINUTE) }),
  ];
  await store(...fresh, aRow({ site_id: 'earlier-a', ...at(now - 10 * MINUTE - 1) }));

  const heard = await hear({ now });

  expect(heard?.keys.toSorted()).toEqual(fresh.map(keyOf).toSorted());
  expect(heard?.since).toBe(now - 10 * MINUTE);
});

test('says how far it got when more came than it may read, newest first', async () => {
  const now = aTime();
  const rows = [1, 2, 3].map((minutes) =>
    aRow({ site_id: 'busy', ts: timeOf(now), received_at: timeOf(now - minutes * MINUTE) }),
  );
  await store(...rows);

  expect(await hear({ now, maxIds: 2 })).toEqual({
    keys: rows.slice(0, 2).map(keyOf),
    since: now - 2 * MINUTE,
  });
});

test('reads what waits in the log, and nothing behind the end that a plan gives', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  const log = await openLog({ disk, maxBytes: 1024 * 1024 });
  const [kept, refused] = [anEntry(), anEntry()];
  await log.append([kept, { kind: 'p', key: 'demo/17', json: '{}' }]);
  await log.close();
  const segment = log.oldest();
  if (!segment) throw new Error('The log is empty.');
  const plan: Plan = { token: segment.id, planned_at: 0, bytes: segment.bytes, duplicates: [], refused: [] };
  await (await openPlans(disk)).write(segment, plan);
  // A group that failed, and that could not be cut off.
  const bytes = Buffer.concat([await disk.read(segment.name), encodeRecords([refused])]);
  await disk.write(segment.name, bytes);

  const heard = await hear({ folder, now: aTime() });

  expect(heard?.keys.filter((key) => key.startsWith('demo/'))).toEqual([kept.key]);
});

test('reaches back to the last rows when the clock was put forward since', async () => {
  const folder = await aFolder();
  const log = await openLog({ disk: await openDisk(folder), maxBytes: 1024 * 1024 });
  const row = aRow({ site_id: 'clock' });
  await store(row);
  await log.append([anEntry()]);
  await log.close();

  const heard = await hear({ folder, now: Date.now() + 60 * MINUTE });

  expect(heard?.keys).toContain(keyOf(row));
  expect(heard?.since).toBeLessThan(Date.now());
});
