import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aFolder } from '../testing/temporary.ts';
import { explainError } from './explain-error.ts';

const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

/** Runs a command in a folder that holds a file `afile`, a folder `dir`, and sites files. */
async function turnout(args: string[], env: Record<string, string> = {}) {
  const cwd = await aFolder();
  await mkdir(join(cwd, 'dir'));
  for (const name of ['afile', 'empty']) await writeFile(join(cwd, name), name === 'empty' ? '' : 'x');
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [TURNOUT, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('close', (code) => resolve({ code, out, err: err.replaceAll(cwd, '.') }));
  });
}

test.each([
  ['verify --repair=banana', '--repair is said or left out; it takes no value such as "banana".'],
  ['verify --repair --repair', '--repair is given twice.'],
  ['verify --repiar', 'There is no flag --repiar here. See turnout verify --help.'],
  ['verify --no-data-dir', 'There is no flag --no-data-dir here.'],
  ['verify --data-dir --repair', '--data-dir has no value.'],
  ['verify --data-dir afile', 'The data directory ./afile is a file. Name another folder with --data-dir.'],
  ['verify --data-dir nowhere', 'There is no data directory ./nowhere.'],
  ['query', 'SQL is missing: the statement, in quotes. See turnout query --help.'],
  ['query 1 2', '"2" is one argument too many.'],
  ['import nofile', 'There is no file ./nofile.'],
  ['import dir', './dir is a folder. Name a file in it.'],
  ['export-user u1 --out dir', './dir is a folder. Name a file in it with --out.'],
  ['export-user u1 --out no/u1.zip', 'There is no folder ./no to write into.'],
  ['backup afile', './afile is a file.'],
  ['archive --month banana', '--month is written like 2026-01, and not "banana".'],
  ['archive --to afile', './afile is a file. Name a folder with --to.'],
  ['restore dir --data-dir afile', './afile is a file. Name a folder with --data-dir.'],
  ['train --days 0', '--days must be a whole number from 1 to 90, but it is "0".'],
  ['seed --events 0', '--events must be a whole number from 1 to 999999, but it is "0".'],
  ['serve --port 99999', '--port (TURNOUT_PORT) must be a whole number from 0 to 65535'],
  ['site fly x', 'There is no "site fly".'],
  ['fly', 'There is no command "fly".'],
])('turnout %s says what is wrong, and exits 1', async (line, message) => {
  const { code, out, err } = await turnout(line.split(' '));

  expect(err).toContain(`turnout: ${message}`);
  expect({ code, out }).toEqual({ code: 1, out: '' });
});

test.each([
  ['nosites.json', 'There is no file ./nosites.json.'],
  ['dir', './dir is a folder.'],
  ['empty', './empty is no sites file: it has to be JSON with a list of "sites".'],
])('turnout site says what is wrong with the sites file %s', async (file, message) => {
  const { code, err } = await turnout(['site', 'remove', 'hall', '--yes'], { TURNOUT_SITES: file });

  expect(err).toContain(`turnout: ${message}`);
  expect(code).toBe(1);
});

test('an archive with nothing to write says so', async () => {
  const dataDir = await aFolder();

  const { code, out, err } = await turnout(['archive', '--data-dir', dataDir, '--to', 'archive']);

  expect(out).toContain('No month that is closed has rows: nothing was written into');
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test('explains what a collector answered by its message', () => {
  const answer = '{"error":{"code":"key_unknown","message":"No site has this write key."}}';

  expect(explainError(new Error(`refused: ${answer}`))).toBe('refused: No site has this write key.');
  expect(explainError(new Error('{"error":'))).toBe('{"error":');
});

test('help that goes into a file has no colours', async () => {
  const { code, out } = await turnout(['--help']);

  expect(out).toContain('USAGE turnout serve|');
  expect({ code, escapes: out.includes('\u001b') }).toEqual({ code: 0, escapes: false });
});

test.each(['127.0.0.1', 'localhost'])(
  'says that nobody answers at %s, and not only that something failed',
  async (host) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));

    const refused = await fetch(`http://${host}:${port}`).catch((error: unknown) => error);

    expect(explainError(refused)).toMatch(
      /^The collector or its database went away \(connect ECONNREFUSED .+\).*Say this again in a moment/,
    );
  },
);

test('says that an answer was cut off', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('some');
    setImmediate(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const cut = await fetch(`http://127.0.0.1:${port}`)
    .then((response) => response.text())
    .catch((error: unknown) => error);
  await new Promise((done) => server.close(done));

  expect(explainError(cut)).toMatch(/^The collector or its database went away/);
});
