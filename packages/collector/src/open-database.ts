import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { createDatabase } from './database.ts';
import { type Engine, type SupervisorOptions, startEngine } from './engine/supervisor.ts';
import { openWhenFree } from './held-folder.ts';
import { type Address, addressIn, type WritableDatabase } from './writable-database.ts';

/** The embedded engine, or the server that the configuration names. */
export async function openDatabase(
  config: Config,
  folder: string,
  log: SupervisorOptions['log'],
): Promise<{ engine: Engine | undefined; database: WritableDatabase }> {
  const { clickhouseUrl, clickhouseCluster } = config;
  if (clickhouseUrl !== undefined) {
    const address = addressIn(clickhouseUrl) as Address; // The configuration is checked.
    return { engine: undefined, database: createDatabase(() => address, clickhouseCluster) };
  }
  const path = join(folder, 'clickhouse');
  // The engine's files may be read by everybody; who made the data directory may have made it so, too.
  await mkdir(path, { recursive: true, mode: 0o700 });
  const engine = await openWhenFree(path, () => startEngine({ path, sqlPort: config.sqlPort, log }), log);
  return {
    engine,
    database: createDatabase(() => ({ url: engine.url(), username: 'turnout', password: engine.password })),
  };
}
