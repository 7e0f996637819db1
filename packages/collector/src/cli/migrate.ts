import { migrate as applyMigrations } from '@turnout/schema/migrate';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { findRunning } from '../run-file.ts';
import { dataDirArgument } from './settings.ts';
import { withDatabase } from './with-database.ts';

export const migrate = defineCommand({
  meta: { name: 'migrate', description: 'Bring the database to the tables and views of this version' },
  args: dataDirArgument,
  run: async ({ args }) => {
    const { dataDir, clickhouseUrl } = readConfig({ dataDir: args['data-dir'] }, process.env);
    if (clickhouseUrl === undefined && (await findRunning(dataDir))) {
      process.stdout.write('The running collector applied them at its start; nothing to do.\n');
      return;
    }
    const applied = await withDatabase(args['data-dir'], (database) =>
      // The history of new rollups is filled in by the collector: it knows which rows are under way.
      applyMigrations(database, {
        leavesBackfill: true,
        onApply: (name) => process.stdout.write(`${name}\n`),
      }),
    );
    process.stdout.write(applied.length === 0 ? 'Up to date.\n' : `Applied ${applied.length} migrations.\n`);
  },
});
