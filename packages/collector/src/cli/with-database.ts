import { readConfig } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import type { WritableDatabase } from '../database.ts';
import { openDatabase } from '../node.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Opens the database of a data directory that no collector has open (or the configured server), for as
 * long as `use` runs.
 */
export async function withDatabase<Result>(
  dataDir: string | undefined,
  use: (database: WritableDatabase, sqlUrl: string) => Promise<Result>,
): Promise<Result> {
  const config = readConfig({ dataDir, sqlPort: '0' }, process.env);
  const folder = await openDataFolder(config.dataDir);
  try {
    const { engine, database } = await openDatabase(config, folder.path, silent);
    try {
      return await use(database, engine?.sqlUrl() ?? (config.clickhouseUrl as string));
    } finally {
      await database.close();
      await engine?.close();
    }
  } finally {
    await folder.release();
  }
}
