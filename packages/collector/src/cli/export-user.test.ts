import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '../data-folder.ts';
import { writeRunFile } from '../run-file.ts';
import { aFolder } from '../testing/temporary.ts';

const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));
const NOT_YET = JSON.stringify({ error: { code: 'not_stored', message: 'not stored yet' } });

/** Runs the command before a collector that is not ready so many times. */
async function anExport(
  notReady: number,
  answer = (response: ServerResponse) => void response.end('the archive'),
) {
  let asked = 0;
  const server = createServer((request, response) => {
    // A process that runs is found by what it answers.
    if (request.method !== 'POST') return response.end('{}');
    asked += 1;
    if (asked > notReady) return answer(response);
    return response.writeHead(503, { 'Retry-After': '1' }).end(NOT_YET);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dataDir = await aFolder();
  onTestFinished((await openDataFolder(dataDir)).release);
  await writeRunFile(dataDir, { pid: process.pid, url, sql_url: url, admin_token: 'token' });
  const out = join(dataDir, 'ann.zip');
  const child = spawn(process.execPath, [TURNOUT, 'export-user', 'ann', '--out', out, '--data-dir', dataDir]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, said, asked, out, dataDir };
}

test('waits for a collector that has not stored what it took', async () => {
  const { code, said, asked, out } = await anExport(2);

  expect({ code, asked }).toEqual({ code: 0, asked: 3 });
  expect(said).toContain('the collector asks to wait 1 s: not stored yet');
  expect(await readFile(out, 'utf8')).toBe('the archive');
});

test('gives up a collector that goes on not storing', async () => {
  const { code, said, asked } = await anExport(Number.POSITIVE_INFINITY);

  expect({ code, asked }).toEqual({ code: 1, asked: 4 });
  expect(said).toContain('turnout: not stored yet');
});

test('says that the collector went away in the middle, and leaves no half', async () => {
  const { code, said, dataDir } = await anExport(
    0,
    (response) => void response.write('half', () => response.destroy()),
  );

  expect({ code, said }).toEqual({
    code: 1,
    said: expect.stringContaining(
      'The collector stopped in the middle of the export, and nothing was written.',
    ),
  });
  expect((await readdir(dataDir)).filter((name) => name.startsWith('ann'))).toEqual([]);
});
