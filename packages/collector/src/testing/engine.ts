import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@turnout/schema/migrate';
import { afterAll, beforeAll } from 'vitest';
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
    engine = await startEngine({ path: folder, sqlPort: 0, log: { warn: () => {} } });
    database = createDatabase(() => ({ url: engine.url(), username: 'turnout', password: engine.password }));
    await migrate(database);
  });
  afterAll(async () => {
    await database?.close();
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { engine: () => engine, database: () => database };
}
