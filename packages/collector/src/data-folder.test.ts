import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from './data-folder.ts';
import { openDisk } from './log/disk.ts';
import { createPseudonym, openSalts } from './pseudonym.ts';
import { findRunning, writeRunFile } from './run-file.ts';
import { demoSite } from './sites.ts';
import { aFolder } from './testing/temporary.ts';

const BATCH = { batch_id: 'b', session_id: 's' };
const WHO = { idDay: '2026-03-01', address: '203.0.113.7', userAgent: 'browser' };

test('belongs to one process, which is named to the next', async () => {
  const path = await aFolder();
  const folder = await openDataFolder(path);

  await expect(openDataFolder(path)).rejects.toThrow(`in use by another collector (process ${process.pid})`);

  await folder.release();
  await (await openDataFolder(path)).release();
});

test('belongs to who has it, however busy that process is', async () => {
  const path = await aFolder();
  // It has been asked, and its event loop does not come round to an answer.
  const asked = new Set<Socket>();
  const busy = createSocketServer((socket) => void asked.add(socket));
  await new Promise<void>((done) => busy.listen(join(path, 'lock.sock'), done));
  onTestFinished(() => {
    for (const socket of asked) socket.destroy();
    busy.close();
  });

  await expect(openDataFolder(path)).rejects.toThrow('in use by another collector. Stop that one');
});

test('clears away what a run that was killed did not finish writing, and nothing else', async () => {
  const path = await aFolder();
  for (const name of ['erasures.json.tmp', 'salts.json.tmp', 'words.ndjson.tmp', 'secret.tmp', 'mine.tmp'])
    await writeFile(join(path, name), '[{"ids":["ann"');

  const { release } = await openDataFolder(path);

  expect((await readdir(path)).sort()).toEqual(['lock.sock', 'mine.tmp', 'secret']);
  await release();
});

test('makes one secret and keeps it', async () => {
  const path = await aFolder();
  const first = await openDataFolder(path);
  await first.release();

  const second = await openDataFolder(path);
  await second.release();

  expect(await second.secret()).toBe(await first.secret());
  expect(await second.secret()).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(join(path, 'secret'))).mode & 0o077).toBe(0);
});

test('makes no second secret for people who are known by the first', async () => {
  const path = await aFolder();
  await (await openDataFolder(path)).release();
  await mkdir(join(path, 'clickhouse', 'store'), { recursive: true });
  await rm(join(path, 'secret'));

  const withoutSecret = await openDataFolder(path);
  await expect(withoutSecret.secret()).rejects.toThrow(/its secret is gone: .*TURNOUT_SECRET.*openssl rand/);
  await withoutSecret.release();
  await writeFile(join(path, 'secret'), '\n');
  const emptied = await openDataFolder(path);
  await expect(emptied.secret()).rejects.toThrow('its secret is not whole');
  await emptied.release();
});

test('leaves no secret of its own beside that of the settings, which would be taken when they are forgotten', async () => {
  const path = await aFolder();
  const first = await openDataFolder(path, 'a secret of the settings');
  expect(await first.secret()).toBe('a secret of the settings');
  await first.release();
  await mkdir(join(path, 'log'));
  await writeFile(join(path, 'log', 'reserve-67108864'), '');

  const forgotten = await openDataFolder(path);

  await expect(forgotten.secret()).rejects.toThrow('set TURNOUT_SECRET if it was set before');
  await forgotten.release();
});

test('takes a volume that is mounted for the log for no sign of use', async () => {
  const path = await aFolder();
  await mkdir(join(path, 'log', 'lost+found'), { recursive: true });

  const folder = await openDataFolder(path);

  expect(await folder.secret()).toHaveLength(64);
  await folder.release();
});

test('keeps the admin token from other users, and forgets a collector that is gone', async () => {
  const path = await aFolder();

  await writeRunFile(path, { pid: 1, url: 'http://127.0.0.1:1', sql_url: '', admin_token: 't' });

  expect((await stat(join(path, 'run.json'))).mode & 0o777).toBe(0o600);
  expect(await findRunning(path)).toBeUndefined();
});

test('takes no other collector for one that is gone, though it listens at the same address', async () => {
  const server = createServer((_, response) => response.end('ok\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = await aFolder();
  await writeRunFile(path, { pid: process.pid, url, sql_url: url, admin_token: 't' });

  expect(await findRunning(path)).toBeUndefined();

  const { release } = await openDataFolder(path);
  onTestFinished(release);
  expect(await findRunning(path)).toMatchObject({ url });

  // Left behind by the run before this one.
  await writeRunFile(path, { pid: process.pid + 1, url, sql_url: url, admin_token: 't' });
  expect(await findRunning(path)).toBeUndefined();
});

test('says so when the collector that has the folder does not answer', async () => {
  const path = await aFolder();
  const { release } = await openDataFolder(path);
  onTestFinished(release);
  // Nobody listens there any more: it stores what its log holds before it goes.
  await writeRunFile(path, { pid: process.pid, url: 'http://127.0.0.1:1', sql_url: '', admin_token: 't' });

  await expect(findRunning(path)).rejects.toThrow(
    `The collector of ${path} (process ${process.pid}) does not answer at http://127.0.0.1:1: it is about to stop`,
  );
});

test('gives a person one key a site, whichever browser they use', async () => {
  const pseudonym = createPseudonym('secret', await openSalts(await openDisk(await aFolder())));
  const keyOf = (batch: object, site = demoSite) => pseudonym(site, { ...BATCH, ...batch }, WHO);

  const user = await keyOf({ user_id: 'u1', visitor_id: 'v1' });

  expect(user).toMatch(/^\d{1,20}$/);
  expect(await keyOf({ user_id: 'u1', visitor_id: 'v2' })).toBe(user);
  expect(await keyOf({ visitor_id: 'u1' })).not.toBe(user);
  expect(await keyOf({ user_id: 'u1' }, { ...demoSite, id: 'other' })).not.toBe(user);
});

test('without cookies, knows a browser for a day and never again', async () => {
  const folder = await aFolder();
  let now = Date.parse('2026-03-01T12:00:00Z');
  const open = async () => createPseudonym('secret', await openSalts(await openDisk(folder), () => now));
  const keyOf = async (pseudonym: Awaited<ReturnType<typeof open>>, who = {}) =>
    pseudonym(demoSite, { ...BATCH, cookieless: true }, { ...WHO, ...who });

  const first = await keyOf(await open());
  expect(await keyOf(await open())).toBe(first);
  expect(await keyOf(await open(), { idDay: '2026-03-02' })).not.toBe(first);
  expect(await keyOf(await open(), { address: '203.0.113.8' })).not.toBe(first);

  now += 20 * 86_400_000;
  await keyOf(await open(), { idDay: '2026-03-21' });
  expect(await readFile(join(folder, 'salts.json'), 'utf8')).not.toContain('2026-03-01');
});

test('without cookies, goes on when the disk that had no room for a salt has room again', async () => {
  const files = new Map<string, Buffer>();
  let isFull = true;
  const disk = {
    list: async () => [...files.keys()],
    read: async (name: string) => files.get(name) ?? Buffer.alloc(0),
    async write(name: string, bytes: Uint8Array) {
      if (isFull) throw new Error('ENOSPC');
      files.set(name, Buffer.from(bytes));
    },
  };
  const saltOf = await openSalts(disk, () => Date.parse('2026-03-01T12:00:00Z'));

  await expect(saltOf('2026-03-01')).rejects.toThrow('ENOSPC');
  await expect(saltOf('2026-03-01')).rejects.toThrow('ENOSPC');
  isFull = false;

  expect(JSON.parse(String(files.get('salts.json') ?? '{}'))).toEqual({});
  const salt = await saltOf('2026-03-01');
  expect(JSON.parse(String(files.get('salts.json')))).toEqual({ '2026-03-01': salt });
});
