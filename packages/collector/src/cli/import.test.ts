import { spawn } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { writeRunFile } from '../run-file.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

async function anImport() {
  const dataDir = await aFolder();
  const { host } = new URL(engine().url());
  const env = { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(readConfig({ port: '0', dataDir }, env), { log });
  onTestFinished(collector.close);
  const { url, sqlUrl, adminToken } = collector;
  await writeRunFile(dataDir, { pid: process.pid, url, sql_url: sqlUrl, admin_token: adminToken });
  const file = join(dataDir, 'history.ndjson');
  const run = () =>
    new Promise<string>((resolve) => {
      const child = spawn(process.execPath, [TURNOUT, 'import', file, '--data-dir', dataDir]);
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.once('close', () => resolve(out.split('\n')[0] ?? ''));
    });
  const rejectedLines = async () =>
    (await readFile(`${file}.rejected.ndjson`, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).line as number);
  return { file, run, rejectedLines };
}

const line = (id: string) =>
  JSON.stringify({ id, type: 'click', occurred_at: new Date().toISOString(), visitor_id: 'ann' });

test('numbers the lines of a file right that has grown behind a line without its end', async () => {
  const { file, run, rejectedLines } = await anImport();
  await writeFile(file, `${line('a')}\n${line('b')}`);
  expect(await run()).toBe('2 lines: 2 interactions accepted, 0 rejected.');
  // Nothing new: nothing is read again.
  expect(await run()).toBe('2 lines, 0 of them now: 2 interactions accepted, 0 rejected.');

  await appendFile(file, `\nno JSON\n${line('c').slice(0, 30)}`);
  expect(await run()).toBe('4 lines, 3 of them now: 2 interactions accepted, 2 rejected.');
  expect(await rejectedLines()).toEqual([3, 4]);

  // The writer of the file was in the middle of a line, and that line is whole now.
  await appendFile(file, `${line('c').slice(30)}\n{}\n`);
  expect(await run()).toBe('5 lines, 2 of them now: 3 interactions accepted, 2 rejected.');
  expect(await rejectedLines()).toEqual([3, 5]);
});

test('does so in a packed file', async () => {
  const { file, run, rejectedLines } = await anImport();
  await writeFile(file, gzipSync(`${line('a')}\n${line('b')}`));
  await run();
  // Another member behind the first, as appending to a packed file makes it.
  await appendFile(file, gzipSync(`\nno JSON\n`));

  expect(await run()).toBe('3 lines, 2 of them now: 2 interactions accepted, 1 rejected.');
  expect(await rejectedLines()).toEqual([3]);
});

test('reads a file again whose rejected lines were put right', async () => {
  const { file, run, rejectedLines } = await anImport();
  // Far behind the beginning.
  const before = Array.from({ length: 1_000 }, (_, index) => `${line(`n${index}`)}\n`).join('');
  await writeFile(file, `${before}no JSON\n${line('z')}\n`);
  expect(await run()).toBe('1002 lines: 1001 interactions accepted, 1 rejected.');

  await writeFile(file, `${before}${line('a')}\n${line('z')}\n`);

  expect(await run()).toBe('1002 lines: 1002 interactions accepted, 0 rejected.');
  expect(await rejectedLines()).toEqual([]);
});
