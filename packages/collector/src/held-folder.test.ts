import { writeFile } from 'node:fs/promises';
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
    .poll(() => said, { timeout: 10_000 })
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

test('names who holds the folder in the end, and nobody who is gone', async () => {
  const path = await aFolder();
  const fail = () => openWhenFree(path, () => Promise.reject(new Error('of the engine')), { warn() {} });
  const status = (pid: number) =>
    writeFile(join(path, 'status'), `PID: ${pid}\nStarted at: now\nRevision: 1\n`);

  await status(process.pid);
  await expect(fail()).rejects.toThrow(`is held by another process (${process.pid})`);
  // No process has a number as high as that.
  await status(2 ** 30);
  await expect(fail()).rejects.toThrow('of the engine');
});
