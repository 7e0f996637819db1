import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDisk } from './log/disk.ts';
import { openTombstones } from './privacy/tombstones.ts';
import { openSalts } from './pseudonym.ts';
import { readKept } from './read-kept.ts';
import { aFolder } from './testing/temporary.ts';

test('reads what is there, and nothing where nothing is', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'kept.json'), '[1]');

  expect(await readKept(await openDisk(folder), 'kept.json')).toEqual([1]);
  expect(await readKept(await openDisk(folder), 'other.json')).toBeUndefined();
});

test.each([
  ['erasures.json', openTombstones],
  ['salts.json', openSalts],
])('names %s where it is damaged, and tells nothing of what is in it', async (name, open) => {
  const folder = await aFolder();
  await writeFile(join(folder, name), '{"2026-03-01":"salt and ann');
  const disk = await openDisk(folder);

  const damaged = open(disk).then(() => '', String);

  expect(await damaged).toContain(`${name} in the data directory is damaged: it is no JSON. Put it back`);
  expect(await damaged).not.toContain('ann');
});
