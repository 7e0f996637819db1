import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type RunFile, writeRunFile } from '../run-file.ts';
import { hashOf } from '../secret.ts';
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

/** Has the folder and answers like a collector, until SIGHUP ends it as a kill would. */
const MORTAL = `
  const { createServer } = require('node:http');
  require('node:net').createServer((socket) => socket.end(String(process.pid))).listen(process.argv[1], () => {
    const server = createServer((request, response) => response.end('{}'));
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  });`;

test('shows the secret key of a new site though the collector goes away while it loads the file', async () => {
  const folder = await aFolder();
  const sites = join(folder, 'sites.json');
  const collector = spawn(process.execPath, ['-e', MORTAL, join(folder, 'lock.sock')]);
  onTestFinished(() => void collector.kill('SIGKILL'));
  const [port] = await once(collector.stdout.setEncoding('utf8'), 'data');
  const url = `http://127.0.0.1:${Number(port)}`;
  const run: RunFile = {
    pid: collector.pid as number,
    url,
    sql_url: url,
    admin_token: 'token',
    sites_file: sites,
  };
  await writeRunFile(folder, run);
  const args = ['add', 'venue', '--time-zone', 'Europe/London', '--currency', 'GBP', '--data-dir', folder];
  const command = spawn(process.execPath, [TURNOUT, 'site', ...args], {
    env: { PATH: process.env.PATH, TURNOUT_SITES: sites },
  });
  let out = '';
  command.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });

  const [code] = await once(command, 'close');

  expect(code).toBe(0);
  const { secret_key, loaded } = JSON.parse(out) as { secret_key: string; loaded: boolean };
  expect(loaded).toBe(false);
  expect(await readFile(sites, 'utf8')).toContain(hashOf(secret_key));
});
