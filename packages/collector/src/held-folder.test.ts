import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from './config.ts';
import { startEngine } from './engine/supervisor.ts';
import { openWhenFree } from './held-folder.ts';
import { openDatabase } from './open-database.ts';
import { aFolder } from './testing/temporary.ts';

test('says what it waits for while another engine holds the data directory, and goes on waiting', async () => {
  const folder = await aFolder();
  const path = join(folder, 'clickhouse');
  const holder = await startEngine({ path, sqlPort: 0, log: { warn: () => {} } });
  onTestFinished(holder.close);
  const said: { details: object; message: string }[] = [];
  const log = {
    info: () => {},
    error: () => {},
    warn: (details: object, message: string) => void said.push({ details, message }),
  };

  const opening = openDatabase(readConfig({ dataDir: folder, sqlPort: '0' }, {}), folder, log);
  await expect
    .poll(() => said, { timeout: 60_000 })
    .toEqual([
      {
        details: { pid: holder.pid(), path },
        message: expect.stringContaining(`which another engine (process ${holder.pid()}) holds`),
      },
    ]);
  await holder.close();
  const { engine, database } = await opening;

  expect(await database.ping()).toBe(true);
  await database.close();
  await engine?.close();
  expect(said).toHaveLength(1);
});

const NOT_OPENED = 'Failed to create connection for path';

/** A folder of which an engine says that this process has it, and what opening it fails with. */
async function aStatusOf(pid: number) {
  const path = await aFolder();
  const status = join(path, 'status');
  await writeFile(status, `PID: ${pid}\nStarted at: now\nRevision: 1\n`);
  const fail = (why: string) => openWhenFree(path, () => Promise.reject(new Error(why)), { warn() {} });
  return { status, fail };
}

test('names who holds the folder in the end, and why it could not be opened', async () => {
  const { status, fail } = await aStatusOf(process.pid);
  const file = await open(status);
  onTestFinished(() => file.close());

  await expect(fail(NOT_OPENED)).rejects.toThrow(
    new RegExp(`is held by another process \\(${process.pid}\\).*: ${NOT_OPENED}$`),
  );
});

test('names nobody when something else is wrong', async () => {
  const { status, fail } = await aStatusOf(process.pid);
  const file = await open(status);
  onTestFinished(() => file.close());

  await expect(fail('libchdb.so: Permission denied')).rejects.toThrow(/^libchdb.so: Permission denied$/);
});

test('names nobody who is gone', async () => {
  // No process has a number as high as that.
  const { fail } = await aStatusOf(2 ** 30);

  await expect(fail(NOT_OPENED)).rejects.toThrow(/^Failed to create connection for path$/);
});

test.runIf(existsSync('/proc/self/fd'))(
  'names nobody who only has the number of an engine that died',
  async () => {
    const { fail } = await aStatusOf(process.pid);

    await expect(fail(NOT_OPENED)).rejects.toThrow(/^Failed to create connection for path$/);
  },
);
