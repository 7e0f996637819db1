import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import type { Manifest } from '../backup-manifest.ts';
import { askCollector } from './ask-collector.ts';
import { folderToWrite } from './name-file.ts';
import { dataDirArgument } from './settings.ts';
import { withCollector } from './with-collector.ts';

export const backup = defineCommand({
  meta: {
    name: 'backup',
    description: 'Copy log, database and secret into a folder, while batches are taken',
  },
  args: {
    to: { type: 'positional', description: 'A folder that is empty or not there yet', required: true },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    await folderToWrite(args.to, 'the first argument');
    await withCollector(args['data-dir'], async ({ url, token }) => {
      const path = `/v1/admin/backup?to=${encodeURIComponent(resolve(args.to))}`;
      const { manifest } = await askCollector<{ step: string }, { manifest: Manifest }>(
        { url, admin_token: token },
        path,
        ({ step }) => process.stderr.write(`${step}\n`),
      );
      const { database, secret } = manifest;
      process.stdout.write(
        [
          resolve(args.to),
          ...(database ? [] : [NO_ROWS]),
          secret
            ? 'It holds the secret: keep it as carefully as that.'
            : 'The secret is NOT in it: it comes from TURNOUT_SECRET. Without the same one every person becomes a new one.',
          'The sites file is not in it.\n',
        ].join('\n'),
      );
    });
  },
});

const NO_ROWS =
  'It holds what waits in the log, and NOT the rows: ClickHouse is a server of its own. Back that up by itself, ' +
  'after this: BACKUP DATABASE turnout TO …';
