import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@turnout/schema/migrate';
import { afterAll, beforeAll } from 'vitest';
import { copyPrepared } from '../../../schema/src/prepared-folder.test-helper.ts';
import { createDatabase } from '../database.ts';
import { type Engine, startEngine } from '../engine/supervisor.ts';
import type { WritableDatabase } from '../writable-database.ts';

/** The embedded engine with all migrations, for the tests of one file. */
export function anEngineForThisFile(): { engine: () => Engine; database: () => WritableDatabase } {
  let engine: Engine;
  let database: WritableDatabase;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turnout-engine-'));
    const prepare = async (empty: string) => {
      const first = await open(empty);
      await migrate(first.database);
      await first.database.close();
      await first.engine.close();
    };
    await copyPrepared('tables-of-engine', prepare, folder);
    ({ engine, database } = await open(folder));
  });
  afterAll(async () => {
    await database?.close();
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { engine: () => engine, database: () => database };
}

async function open(path: string): Promise<{ engine: Engine; database: WritableDatabase }> {
  const engine = await startEngine({ path, sqlPort: 0, log: { warn: () => {} } });
  const address = () => ({ url: engine.url(), username: 'turnout', password: engine.password });
  return { engine, database: createDatabase(address) };
}
