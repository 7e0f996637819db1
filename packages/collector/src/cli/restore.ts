import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { restoreBackup } from '../restore.ts';
import { folderToWrite } from './name-file.ts';
import { dataDirArgument } from './settings.ts';

export const restore = defineCommand({
  meta: { name: 'restore', description: 'Make a data directory of a backup' },
  args: {
    from: { type: 'positional', description: 'A folder that "turnout backup" has filled', required: true },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const { dataDir } = readConfig({ dataDir: args['data-dir'] }, process.env);
    await folderToWrite(dataDir, '--data-dir');
    const stopping = new AbortController();
    const stop = () =>
      stopping.abort(new Error('The restore was stopped, and nothing of it is left. Start it again.'));
    // A second one ends it at once.
    for (const signal of SIGNALS) process.once(signal, stop);
    const { created_at, database, secret } = await restoreBackup(args.from, dataDir, stopping.signal);
    for (const signal of SIGNALS) process.off(signal, stop);
    process.stdout.write(
      `${resolve(dataDir)} is as it was on ${created_at}. Start a collector on it, then run "turnout verify".\n`,
    );
    if (!secret) process.stdout.write('The secret is not in this backup: set TURNOUT_SECRET as it was.\n');
    if (!database)
      process.stdout.write('The rows are not in this backup: restore ClickHouse by its own RESTORE.\n');
  },
});

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
