import { lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type SiteEntry, withSite } from '../edit-sites.ts';
import { aFolder } from '../testing/temporary.ts';
import { changeSitesFile } from './change-sites-file.ts';

const aSite = (id: string): SiteEntry => ({
  id,
  time_zone: 'Europe/London',
  currency: 'GBP',
  write_keys: [`wk_${id}00`],
  secret_keys: [],
  origins: [],
});

const add = (path: string, id: string) =>
  changeSitesFile(path, (text) => withSite(text, aSite(id)), join(path, '..'));

const idsIn = async (path: string) =>
  (JSON.parse(await readFile(path, 'utf8')) as { sites: SiteEntry[] }).sites.map(({ id }) => id).sort();

test('keeps every change of several that are made at once', async () => {
  const folder = await aFolder();
  const path = join(folder, 'sites.json');
  const ids = Array.from({ length: 8 }, (_, index) => `site${index}`);

  await Promise.all(ids.map((id) => add(path, id)));

  expect(await idsIn(path)).toEqual(ids);
  expect(await readdir(folder)).toEqual(['sites.json']);
});

test('leaves the file as it was, and nothing beside it, when the change is refused', async () => {
  const folder = await aFolder();
  const path = join(folder, 'sites.json');
  await add(path, 'club');

  await expect(add(path, 'club')).rejects.toThrow('there is a site "club" already');

  expect(await idsIn(path)).toEqual(['club']);
  expect(await readdir(folder)).toEqual(['sites.json']);
});

test('goes on behind a command that was killed in the middle', async () => {
  const folder = await aFolder();
  const path = join(folder, 'sites.json');
  await add(path, 'club');
  await writeFile(`${path}.new`, '{"sites":[{"id":"ha');
  const longAgo = Date.now() / 1000 - 60;
  await utimes(`${path}.new`, longAgo, longAgo);

  await add(path, 'hall');

  expect(await idsIn(path)).toEqual(['club', 'hall']);
  expect(await readdir(folder)).toEqual(['sites.json']);
});

test('changes what a link leads to, which stays a link', async () => {
  const folder = await aFolder();
  await mkdir(join(folder, 'real'));
  const [path, real] = [join(folder, 'sites.json'), join(folder, 'real', 'venue.json')];
  await add(real, 'club');
  await symlink(real, path);

  await add(path, 'hall');

  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(await idsIn(real)).toEqual(['club', 'hall']);
});
