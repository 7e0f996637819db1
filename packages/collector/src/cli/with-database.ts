import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beginBackfill, migrate } from '@turnout/schema/migrate';
import { readConfig } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import { openDisk } from '../log/disk.ts';
import { openDatabase } from '../open-database.ts';
import { blocksUnderWay } from '../plan.ts';
import type { WritableDatabase } from '../writable-database.ts';
import { requireAnswer } from './require-answer.ts';

/** Whoever waits in front of a terminal hears what for. */
const quiet = {
  info: () => {},
  warn: (_details: object, message: string) => process.stderr.write(`${message}\n`),
  error: () => {},
};

/**
 * Opens the database of a data directory that no collector has open (or the configured server), for as
 * long as `use` runs.
 */
export async function withDatabase<Result>(
  dataDir: string | undefined,
  use: (database: WritableDatabase, sqlUrl: string) => Promise<Result>,
  /** `mustExist`: reading makes no folder. */
  options: { mustExist?: boolean } = {},
): Promise<Result> {
  const config = readConfig({ dataDir, sqlPort: '0' }, process.env);
  if (options.mustExist && config.clickhouseUrl === undefined && !existsSync(config.dataDir)) {
    throw new Error(
      `There is no data directory ${resolve(config.dataDir)}. Start a collector with "turnout serve", or name its folder with --data-dir.`,
    );
  }
  if (config.clickhouseUrl !== undefined) await requireAnswer(config.clickhouseUrl);
  const folder = await openDataFolder(config.dataDir, config.secret);
  try {
    const { engine, database } = await openDatabase(config, folder.path, quiet);
    try {
      // Whoever reads finds the tables of this version, if still without rows.
      if (options.mustExist) {
        await migrate(database, { leavesBackfill: true });
        // On a server others may be storing rows: there the collectors fill what is new.
        if (engine) {
          const disk = await openDisk(join(folder.path, 'log'));
          const underWay = () => blocksUnderWay(disk);
          await (await beginBackfill(database, { isAlone: true, underWay }))?.fill();
        }
      }
      return await use(database, engine?.sqlUrl() ?? (config.clickhouseUrl as string));
    } finally {
      await database.close();
      await engine?.close();
    }
  } finally {
    await folder.release();
  }
}
