/**
 * The process dies before and after everything it does to disk and database, one run for each. Whatever
 * was acknowledged is there once after the restart.
 */
import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { createIntake } from './intake.ts';
import { type Disk, openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import type { LogEntry } from './log/record.ts';
import { openReserve } from './log/reserve.ts';
import { openPlans } from './plan.ts';
import { createRecent } from './recent.ts';
import { openRepairNote } from './repair-note.ts';
import { aProcess, type CrashPoint } from './testing/crash.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';
import type { WritableDatabase } from './writable-database.ts';
import { createWriter } from './writer.ts';

const { database } = anEngineForThisFile();

const MAX_LOG_BYTES = 100_000;

/** One life of a collector: takes two requests, stores what it can, and ends. */
async function live(folder: Disk, to: WritableDatabase, requests: LogEntry[][]): Promise<LogEntry[]> {
  const acknowledged: LogEntry[] = [];
  const reserve = await openReserve({ disk: folder, maxLogBytes: MAX_LOG_BYTES });
  const { disk } = reserve;
  const log = await openLog({ disk, maxBytes: MAX_LOG_BYTES - reserve.bytes, reserve });
  const plans = await openPlans(disk);
  const repairNote = await openRepairNote(disk);
  let hasFailed = false;
  const writer = createWriter({
    log,
    disk,
    plans,
    repairNote,
    database: to,
    looksUpAll: () => true,
    onError: () => {
      hasFailed = true;
    },
  });
  const intake = createIntake(log, createRecent());
  for (const entries of requests) {
    await intake.take(entries).then(
      () => acknowledged.push(...entries),
      () => undefined, // 503, or the process is dead: nothing was promised.
    );
  }
  writer.start();
  await expect
    .poll(async () => hasFailed || (await writer.drain(20)), { timeout: 60_000, interval: 1 })
    .toBe(true);
  await writer.stop();
  await log.close().catch(() => undefined); // A dead process closes nothing.
  return acknowledged;
}

/** One request with a rejected interaction beside an accepted one, and one request more. */
function someRequests(site: string): LogEntry[][] {
  const rejected = {
    site_id: site,
    received_at: '2026-01-01 00:00:00',
    received_day: '2026-01-01',
    index: 0,
  };
  return [
    [
      anEntry(aRow({ site_id: site })),
      {
        kind: 'r',
        key: `${site}/rejected`,
        json: JSON.stringify({
          ...rejected,
          batch_id: aRow().batch_id,
          id: '',
          code: 'invalid',
          message: 'm',
          text: 't',
          user_key: '1',
        }),
      },
    ],
    [anEntry(aRow({ site_id: site })), anEntry(aRow({ site_id: site }), 'd')],
  ];
}

/** What an earlier run left in the folder, and acknowledged. */
type Legacy = (disk: Disk, site: string) => Promise<LogEntry[]>;
const nothing: Legacy = async () => [];

/** Runs one collector to its death at a point, then another on the same folder. */
async function dieAndComeBack(
  site: string,
  point?: CrashPoint,
  legacy = nothing,
  requests = someRequests(site),
): Promise<string[]> {
  const disk = await openDisk(await aFolder());
  const inherited = await legacy(disk, site);
  const dying = aProcess(point);
  let acknowledged: LogEntry[] = [];
  await live(dying.onDisk(disk), dying.onDatabase(database()), requests).then(
    (entries) => {
      acknowledged = entries;
    },
    () => undefined, // It died before it could begin.
  );
  await dying.closeFiles();

  // The client sends again what was not acknowledged, as a second attempt.
  const missing = requests
    .filter((entries) => !entries.every((entry) => acknowledged.includes(entry)))
    .map((entries) =>
      entries.map((entry) => (entry.kind === 'i' ? { ...entry, kind: 'd' as const } : entry)),
    );
  const resent = await live(disk, database(), missing);
  expect(resent).toEqual(missing.flat());
  expect((await disk.list()).filter((name) => !name.endsWith('.damaged'))).toEqual(['reserve-50000']);

  const rows = await database().query<{ stored: string; times: number }>(
    `SELECT toString(id) AS stored, toUInt32(count()) AS times FROM turnout.interactions WHERE site_id = {site:String}
     GROUP BY stored ORDER BY stored`,
    { site },
  );
  const expected = [...inherited, ...requests.flat()]
    .filter(({ kind }) => kind !== 'r')
    .map(({ key }) => ({ stored: key.split('/')[1], times: 1 }))
    .sort((a, b) => String(a.stored).localeCompare(String(b.stored)));
  expect(rows, `died ${point?.when} ${dying.steps.at(-1)}`).toEqual(expected);
  return dying.steps;
}

test('every point at which the process can die leaves everything there once', async () => {
  const steps = await dieAndComeBack('undisturbed');
  expect(steps.map((step) => step.replace(/ .*/, ''))).toEqual([
    // The reserve.
    'remove',
    'remove',
    'create',
    'append',
    'sync',
    'rename',
    // Two requests.
    'create',
    'append',
    'append',
    'sync',
    'append',
    'sync',
    // Plan, accepted and rejected rows; segment and plan leave.
    'write',
    'insert',
    'insert',
    'remove',
    'remove',
  ]);

  for (const step of steps.keys()) {
    for (const when of ['before', 'after'] as const) await dieAndComeBack(`${when}-${step}`, { step, when });
  }
  const { ok, differences } = await verify(database());
  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});

/** A segment with a torn tail, one with a damaged record in the middle, and a plan that was not finished. */
const unwell: Legacy = async (disk, site) => {
  const log = await openLog({ disk, maxBytes: MAX_LOG_BYTES, maxSegmentRows: 3 });
  const entries = Array.from({ length: 6 }, () => anEntry(aRow({ site_id: site })));
  await log.append(entries.slice(0, 3));
  await log.append(entries.slice(3));
  await log.close();
  const [first = '', second = ''] = (await disk.list()).sort();
  await disk.write(first, Buffer.concat([await disk.read(first), Buffer.from('c0ffee00 i demo/half {"ty')]));
  const bytes = await disk.read(second);
  const at = bytes.indexOf(entries[4]?.key ?? '');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await disk.write(second, bytes);
  await disk.write(`${first}.plan.tmp`, Buffer.from('half a plan'));
  return entries.filter((_entry, index) => index !== 4);
};

test('every point at which a start can die leaves everything there once', async () => {
  const steps = await dieAndComeBack('start-undisturbed', undefined, unwell, []);
  expect(steps.slice(6)).toEqual([
    'remove 000000000001.log.plan.tmp',
    // The torn one without its tail; the intact records of the damaged one, before that is set aside.
    'write 000000000001.log',
    'write 000000000003.log',
    'rename 000000000002.log',
    ...['1', '3'].flatMap((number) => [
      `write 00000000000${number}.log.plan`,
      'insert turnout.interactions',
      `remove 00000000000${number}.log`,
      `remove 00000000000${number}.log.plan`,
    ]),
  ]);

  for (const step of steps.keys()) {
    for (const when of ['before', 'after'] as const)
      await dieAndComeBack(`start-${when}-${step}`, { step, when }, unwell, []);
  }
  const { ok, differences } = await verify(database());
  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});
