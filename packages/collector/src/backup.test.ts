import { readdirSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type BackupOptions, makeBackup } from './backup.ts';
import { openDisk } from './log/disk.ts';
import { restoreBackup } from './restore.ts';
import { aFolder } from './testing/temporary.ts';

/** A data folder with one segment, as one has it whose rows lie on a server. */
async function aDataFolder(): Promise<BackupOptions> {
  const folder = await aFolder();
  await mkdir(join(folder, 'log'));
  await writeFile(join(folder, 'log', '000000000001.log'), 'a segment');
  await writeFile(join(folder, 'secret'), 'the secret');
  return {
    folder,
    database: {} as BackupOptions['database'],
    isEmbedded: false,
    hasOwnSecret: true,
    writer: { drain: async () => true, pause: async () => {}, resume: () => {} },
    disk: await openDisk(join(folder, 'log')),
    onProgress: () => {},
  };
}

test('refuses a place inside the data directory, by whatever way it leads there', async () => {
  const options = await aDataFolder();
  const link = join(await aFolder(), 'elsewhere');
  await symlink(options.folder, link);

  for (const place of [options.folder, join(options.folder, 'backup'), join(link, 'a', 'b')])
    await expect(makeBackup(place, options)).rejects.toThrow('lies inside the data directory');

  expect((await readdir(options.folder)).sort()).toEqual(['log', 'secret']);
  // A name that only begins alike is another place.
  await makeBackup(`${options.folder}-backup`, options);
  await expect(makeBackup(`${options.folder}-backup`, options)).rejects.toThrow('is not empty');
});

test('is on the medium when it says so: every file, and every folder with their names', async () => {
  const options = await aDataFolder();
  const handle = await open(join(options.folder, 'secret'));
  const synced = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync');
  onTestFinished(() => synced.mockRestore());
  await handle.close();

  await makeBackup(join(await aFolder(), 'backup'), options);

  // The segment and its folder, the secret, the whole; and that once more with the manifest, which syncs itself.
  expect(synced.mock.calls.length).toBeGreaterThanOrEqual(5);
});

test('leaves nothing of a backup that fails, and says so of one that was cut off', async () => {
  const options = await aDataFolder();
  const place = join(await aFolder(), 'backup');
  await rm(join(options.folder, 'secret'));
  await mkdir(join(options.folder, 'secret'));

  await expect(makeBackup(place, options)).rejects.toThrow('EISDIR');

  expect(await readdir(place)).toEqual([]);
  await mkdir(join(place, 'log'));
  await expect(makeBackup(place, options)).rejects.toThrow('has a backup that was cut off');
  expect(await readdir(place)).toEqual(['log']);
});

test('of two backups into one folder one is made whole, and the other takes nothing away', async () => {
  const place = join(await aFolder(), 'backup');
  const several = await Promise.all([aDataFolder(), aDataFolder(), aDataFolder()]);

  const made = await Promise.allSettled(several.map((options) => makeBackup(place, options)));

  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  for (const one of made)
    if (one.status === 'rejected') expect(String(one.reason)).toMatch(/is not empty|is still being made/);
  await restore({ place, dataDir: join(await aFolder(), 'data') });
  expect((await readdir(place)).sort()).toEqual(['backup.json', 'log', 'secret']);
});

test('lets the writer go on once everything is copied, before it reads it all again', async () => {
  const options = await aDataFolder();
  const place = join(await aFolder(), 'backup');
  let atResume: string[] = [];
  const resume = vi.fn(() => {
    atResume = readdirSync(place).sort();
  });

  await makeBackup(place, { ...options, writer: { ...options.writer, resume } });

  expect(atResume).toEqual(['log', 'secret']);
  expect(resume).toHaveBeenCalledOnce();
});

const asItWas = async () => {
  const place = join(await aFolder(), 'backup');
  await makeBackup(place, await aDataFolder());
  return { place, dataDir: join(await aFolder(), 'data') };
};
const restore = ({ place, dataDir }: { place: string; dataDir: string }) =>
  restoreBackup(place, dataDir, new AbortController().signal);

test.each<[string, (place: string) => Promise<void>, string]>([
  [
    'a segment that was cut off',
    (place) => truncate(join(place, 'log', '000000000001.log'), 4),
    'log/000000000001.log has 4 bytes, and had 9',
  ],
  [
    'a segment that is missing',
    (place) => rm(join(place, 'log', '000000000001.log')),
    'log/000000000001.log cannot be read (ENOENT)',
  ],
  ['a secret that is missing', (place) => rm(join(place, 'secret')), 'secret cannot be read (ENOENT)'],
  ['another secret', (place) => writeFile(join(place, 'secret'), 'the sekret'), 'secret has other bytes'],
  ['a file that grew', (place) => appendFile(join(place, 'secret'), '!'), 'secret has 11 bytes, and had 10'],
])('a restore refuses a backup with %s, and leaves nothing', async (_, damage, problem) => {
  const { place, dataDir } = await asItWas();
  await damage(place);

  await expect(restore({ place, dataDir })).rejects.toThrow(problem);

  expect(await readdir(join(dataDir, '..'))).toEqual([]);
});

test('a restore takes what is left of a damaged backup once nobody says any more what it had', async () => {
  const { place, dataDir } = await asItWas();
  await truncate(join(place, 'log', '000000000001.log'), 4);
  // As an older version wrote it, too.
  const { files: _, ...manifest } = JSON.parse(await readFile(join(place, 'backup.json'), 'utf8'));
  await writeFile(join(place, 'backup.json'), JSON.stringify(manifest));

  await restore({ place, dataDir });

  expect(await readFile(join(dataDir, 'log', '000000000001.log'), 'utf8')).toBe('a se');
});

test('a restore takes the place of an empty folder, and says at once of one that cannot be replaced', async () => {
  const { place, dataDir } = await asItWas();
  await mkdir(dataDir);

  await restore({ place, dataDir });

  expect((await readdir(dataDir)).sort()).toEqual(['log', 'secret']);
  await expect(restore({ place, dataDir })).rejects.toThrow('is not empty, and a restore replaces nothing');
  const link = join(await aFolder(), 'link');
  await symlink(await aFolder(), link);
  // As a volume does, a link does not go away like a folder. A damaged backup would be met later.
  await truncate(join(place, 'log', '000000000001.log'), 4);
  await expect(restore({ place, dataDir: link })).rejects.toThrow('cannot be replaced (ENOTDIR)');
});
