import type { Database } from '@turnout/schema/migrate';
import { defineCommand } from 'citty';
import { archiveMonth } from '../archive.ts';
import { archiveToBucket, type Bucket } from '../archive-bucket.ts';
import { monthsOf, requireClosed } from '../archive-months.ts';
import { wholeMonth } from '../archive-pieces.ts';
import { readConfig } from '../config.ts';
import { createDatabase } from '../database.ts';
import { findRunning } from '../run-file.ts';
import { folderToWrite } from './name-file.ts';
import { dataDirArgument } from './settings.ts';
import { withDatabase } from './with-database.ts';

export const archive = defineCommand({
  meta: { name: 'archive', description: 'Write each month that is closed into Parquet files' },
  args: {
    to: {
      type: 'string',
      description: 'A folder, or an S3 address such as https://s3.eu-west-1.amazonaws.com/bucket/turnout',
      default: 'archive',
    },
    month: {
      type: 'string',
      description: 'Only this one, such as 2026-01; else all that nothing reaches any more',
    },
    replace: {
      type: 'boolean',
      description: 'With --month: also where the archive has more rows than are left, as after 25 months',
      default: false,
    },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const { dataDir, clickhouseUrl } = readConfig({ dataDir: args['data-dir'] }, process.env);
    const bucket = bucketOf(args.to);
    if (args.month !== undefined) checkMonth(args.month);
    const folder = bucket ? args.to : await folderToWrite(args.to, '--to');
    const running = clickhouseUrl === undefined ? await findRunning(dataDir) : undefined;
    if (running && bucket) {
      throw new Error(
        'A collector is running on this data directory, and its SQL port only reads. Archive into a folder, or stop it first: browsers keep what they cannot send meanwhile.',
      );
    }
    let files = 0;
    const show = (line: string) => {
      files += 1;
      process.stdout.write(`${line}\n`);
    };
    // All months are those that nothing expired from: what is missing there was erased.
    const mayShrink = args.month === undefined || args.replace;
    const archiveFrom = async (database: Pick<Database, 'query' | 'command'>, sqlUrl: string) => {
      for (const month of await chosenMonths(database, args.month)) {
        if (bucket) {
          if (args.month !== undefined && !args.replace) await requireWhole(database, month);
          await archiveToBucket(database, bucket, wholeMonth(month));
          show(`${bucket.url} ${month}`);
          continue;
        }
        for (const path of await archiveMonth(database, sqlUrl, args.to, month, { mayShrink })) show(path);
      }
    };
    if (running) {
      const reader = createDatabase(() => ({ url: running.sql_url }));
      await archiveFrom(reader, running.sql_url).finally(reader.close);
    } else await withDatabase(args['data-dir'], archiveFrom, { mustExist: true });
    if (files > 0) return;
    process.stdout.write(
      args.month
        ? `There are no rows of ${args.month}: nothing was written into ${folder}.\n`
        : `No month that is closed has rows: nothing was written into ${folder}.\n`,
    );
  },
});

/** The months to write; says of the others why not. One that is named is written as far as raw still has it. */
async function chosenMonths(database: Pick<Database, 'query'>, named: string | undefined): Promise<string[]> {
  if (named) {
    requireClosed(named);
    return [named];
  }
  const { closed, open, expiring } = await monthsOf(database);
  for (const { month, until } of open)
    process.stderr.write(
      `${month} is not archived yet: browsers that were offline may bring interactions of it until ${until}.\n`,
    );
  for (const month of expiring)
    process.stderr.write(
      `${month} stays as it was archived: raw is older than 25 months there and loses rows. For what is left, name it with --month.\n`,
    );
  return closed;
}

/** What an object in a bucket has is not looked at. */
async function requireWhole(database: Pick<Database, 'query'>, month: string): Promise<void> {
  if (!(await monthsOf(database)).expiring.includes(month)) return;
  throw new Error(
    `${month} is older than 25 months and loses rows: what is in the bucket may be more than what is left. Add --replace to write it all the same.`,
  );
}

/** In the form that the names of the files have. */
function checkMonth(month: string): void {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new Error(`--month is written like 2026-01, and not ${JSON.stringify(month)}.`);
}

/** S3 is addressed over https, with the keys that its own tools read. */
function bucketOf(to: string): Bucket | undefined {
  if (!/^https?:\/\//.test(to)) return undefined;
  const { username, password } = new URL(to);
  if (username || password)
    throw new Error('Keep the keys out of the address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey)
    throw new Error(`To archive into ${to}, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`);
  return { url: to, accessKeyId, secretAccessKey, sessionToken };
}
