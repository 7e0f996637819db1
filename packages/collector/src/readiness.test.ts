import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { openLog } from './log/log.ts';
import { countDetachedParts, type ReadinessSources, readReadiness } from './readiness.ts';
import { openRepairNote } from './repair-note.ts';
import { createStoring } from './storing.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';

const { database } = anEngineForThisFile();

async function readinessOf(overrides: Partial<ReadinessSources> = {}) {
  const disk = await openDisk(await aFolder());
  const log = await openLog({ disk, maxBytes: 1_000_000 });
  onTestFinished(log.close);
  const repairNote = await openRepairNote(disk);
  return readReadiness({
    log,
    reserve: { isKept: () => true },
    database: database(),
    isMigrated: () => true,
    filling: () => undefined,
    repairNote,
    storing: createStoring(),
    ...overrides,
  });
}

test('is ready when nothing is wrong', async () => {
  const { ready, checks } = await readinessOf();

  expect(ready).toBe(true);
  expect(new Set(Object.values(checks))).toEqual(new Set(['ok']));
});

test('is ready while a history is filled in, and says so', async () => {
  const filling = () => 'are being filled from raw: searches, 3 of 12 pieces done';

  expect(await readinessOf({ filling })).toMatchObject({
    ready: true,
    checks: { rollups: expect.stringContaining('3 of 12') },
  });
});

test('is not ready while the disk is full', async () => {
  expect(await readinessOf({ reserve: { isKept: () => false } })).toMatchObject({
    ready: false,
    checks: { reserve: expect.stringContaining('the disk is full') },
  });
});

test('says why the log cannot be written, and not where it is', async () => {
  const folder = await aFolder();
  const log = await openLog({ disk: await openDisk(join(folder, 'log')), maxBytes: 1_000_000 });
  onTestFinished(log.close);
  await rm(folder, { recursive: true });
  await expect(log.append([anEntry()])).rejects.toThrow(folder);

  const { ready, checks } = await readinessOf({ log });

  expect(ready).toBe(false);
  expect(checks.log).toBe(
    'cannot be written: a file or its folder is gone from the data directory; the log of the collector says more',
  );
});

test('says how full the log is', async () => {
  const log = await openLog({ disk: await openDisk(await aFolder()), maxBytes: 100 });
  onTestFinished(log.close);
  await expect(log.append([anEntry()])).rejects.toThrow();

  expect((await readinessOf({ log })).checks.log).toContain('its limit is 100');
});

test('reports parts that the engine found broken and set aside, and not those a person detached', async () => {
  const [table] = await database().query<{ path: string }>(
    "SELECT data_paths[1] AS path FROM system.tables WHERE database = 'turnout' AND name = 'interactions'",
  );
  const detached = join(table?.path ?? '', 'detached');
  const [broken, put] = [join(detached, 'broken-on-start_202601_1_1_0'), join(detached, '202601_2_2_0')];
  onTestFinished(async () => {
    for (const folder of [broken, put]) await rm(folder, { recursive: true, force: true });
  });

  await mkdir(put, { recursive: true });
  expect(await countDetachedParts(database())).toBe(0);
  await mkdir(broken);

  expect(await countDetachedParts(database())).toBe(1);
  // Batches are taken all the same: it is for a person to look at.
  expect(await readinessOf()).toMatchObject({
    ready: true,
    checks: { detached_parts: expect.stringContaining('1 parts were broken and set aside') },
  });
});

test('answers while the database hangs', async () => {
  const hanging = { ...database(), query: () => new Promise<never>(() => {}) };

  expect(await readinessOf({ database: hanging })).toMatchObject({
    ready: true,
    checks: { database: expect.stringContaining('unreachable') },
  });
});
