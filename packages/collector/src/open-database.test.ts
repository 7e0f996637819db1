import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { openDatabase } from './open-database.ts';
import { aFolder } from './testing/temporary.ts';

test('keeps the rows from other users of the machine, whoever may look into the data directory', async () => {
  const folder = await aFolder();
  // As systemd makes the folder of a service.
  await chmod(folder, 0o755);
  const log = { info: () => {}, warn: () => {}, error: () => {} };

  const { engine, database } = await openDatabase(
    readConfig({ dataDir: folder, sqlPort: '0' }, {}),
    folder,
    log,
  );

  expect((await stat(join(folder, 'clickhouse'))).mode & 0o777).toBe(0o700);
  await database.close();
  await engine?.close();
});
