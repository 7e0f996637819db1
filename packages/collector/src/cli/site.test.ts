import { spawn } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aFolder } from '../testing/temporary.ts';

const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));
/** Only root may give a file away; anybody else's stay theirs. */
const SOMEBODY = process.getuid?.() === 0 ? 4_711 : (process.getuid?.() ?? 0);

const siteAdd = (id: string, sitesFile: string, dataDir: string) =>
  new Promise((resolve) => {
    const args = [
      'site',
      'add',
      id,
      '--time-zone',
      'Europe/London',
      '--currency',
      'GBP',
      '--data-dir',
      dataDir,
    ];
    const env = { PATH: process.env.PATH, TURNOUT_SITES: sitesFile };
    spawn(process.execPath, [TURNOUT, ...args], { env }).once('close', resolve);
  });

const ownerAndMode = async (path: string) => {
  const { uid, mode } = await stat(path);
  return [uid, (mode & 0o777).toString(8)];
};

test('a sites file stays with whom the collector runs as, whoever types the command', async () => {
  const folder = await aFolder();
  const sites = join(folder, 'sites.json');
  await chown(folder, SOMEBODY, -1);

  expect(await siteAdd('venue', sites, folder)).toBe(0);
  expect(await ownerAndMode(sites)).toEqual([SOMEBODY, '600']);

  await chmod(sites, 0o640);
  expect(await siteAdd('hall', sites, await aFolder())).toBe(0);
  expect(await ownerAndMode(sites)).toEqual([SOMEBODY, '640']);
});
