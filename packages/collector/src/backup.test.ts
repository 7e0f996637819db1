import { mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type BackupOptions, makeBackup } from './backup.ts';
import { openDisk } from './log/disk.ts';
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
