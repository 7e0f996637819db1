import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { findRunning } from '../run-file.ts';
import { askSql } from './ask-sql.ts';
import { requireAnswer } from './require-answer.ts';
import { dataDirArgument } from './settings.ts';
import { withDatabase } from './with-database.ts';

export const query = defineCommand({
  meta: { name: 'query', description: 'Run one SELECT and print its rows as JSON, one a line' },
  args: {
    sql: { type: 'positional', description: 'The statement, in quotes', required: true },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const { dataDir, clickhouseUrl } = readConfig({ dataDir: args['data-dir'] }, process.env);
    const running = clickhouseUrl === undefined ? await findRunning(dataDir) : undefined;
    if (clickhouseUrl !== undefined) await requireAnswer(clickhouseUrl);
    if (clickhouseUrl !== undefined) await print(clickhouseUrl, args.sql, { readonly: '2' });
    else if (running) await print(running.sql_url, args.sql);
    else
      await withDatabase(args['data-dir'], (_database, sqlUrl) => print(sqlUrl, args.sql), {
        mustExist: true,
      });
  },
});

async function print(sqlUrl: string, sql: string, settings: Record<string, string> = {}): Promise<void> {
  process.stdout.write(await askSql(sqlUrl, sql, settings));
}
