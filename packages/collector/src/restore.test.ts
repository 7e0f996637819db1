import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BackupOptions, makeBackup } from './backup.ts';
import { openDisk } from './log/disk.ts';
import { restoreBackup } from './restore.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { database } = anEngineForThisFile();

/** A backup with rows in its database. */
async function aBackup(): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'log'));
  await database().command(
    `INSERT INTO turnout.interactions (id, site_id, type, ts) VALUES ('${randomUUID()}', 'venue', 'click', now64())`,
  );
  const options: BackupOptions = {
    folder,
    database: database(),
    isEmbedded: true,
    hasOwnSecret: false,
    writer: { drain: async () => true, pause: async () => {}, resume: () => {} },
    disk: await openDisk(join(folder, 'log')),
    onProgress: () => {},
  };
  const place = join(await aFolder(), 'backup');
  await makeBackup(place, options);
  return place;
}

/** The largest file with values of a table. */
async function valuesOf(place: string, table: string): Promise<string> {
  const folder = join(place, 'database', 'data', 'turnout', table);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.bin'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return join(folder, names[sizes.indexOf(Math.max(...sizes))] as string);
}

async function flipByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const middle = Math.floor((await file.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, middle);
  await file.write(Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, middle);
  await file.close();
}

const restore = (place: string, dataDir: string) =>
  restoreBackup(place, dataDir, new AbortController().signal);

test('refuses a backup with one flipped bit in its rows, and leaves nothing', async () => {
  const place = await aBackup();
  const around = await aFolder();
  await flipByte(await valuesOf(place, 'interactions'));

  await expect(restore(place, join(around, 'data'))).rejects.toThrow(
    /is damaged: the parts interactions\/\d+_\d+_\d+_\d+ have other bytes than they had\. Restore another one/,
  );

  expect(await readdir(around)).toEqual([]);
});

test('says of a part that was cut off that the backup is damaged, and restores a whole one', async () => {
  const place = await aBackup();
  const around = await aFolder();

  await restore(place, join(around, 'data'));
  expect((await readdir(join(around, 'data'))).sort()).toEqual(['clickhouse', 'log']);

  await truncate(await valuesOf(place, 'interactions'), 10);
  await expect(restore(place, join(around, 'second'))).rejects.toThrow(
    /cannot be restored: the backup is damaged, or the disk is full\. .* The engine says: /,
  );
  expect(await readdir(around)).toEqual(['data']);
});
