import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { defineCommand } from 'citty';
import { askLong } from './ask-long.ts';
import { askPatiently } from './ask-patiently.ts';
import { fileToWrite } from './name-file.ts';
import { dataDirArgument } from './settings.ts';
import { withCollector } from './with-collector.ts';

/** The database may be away for good: whoever runs this from a schedule should hear of it. */
const MOST_WAITS = 3;

export const exportUser = defineCommand({
  meta: {
    name: 'export-user',
    description: 'Write all that is stored about a person into a zip of JSON files',
  },
  args: {
    id: {
      type: 'positional',
      description: 'The id that the site knows the person by, or a visitor id',
      required: true,
    },
    site: { type: 'string', description: 'Id of the site, where there are several' },
    out: { type: 'string', description: 'File to write', default: 'person.zip' },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    // Before anybody is asked: a person's data must not be read for nothing.
    const out = await fileToWrite(args.out, '--out');
    await withCollector(args['data-dir'], async ({ url, token }) => {
      const site = args.site === undefined ? '' : `?site=${encodeURIComponent(args.site)}`;
      // A collector that has just started may not have stored yet what lies in its log.
      const response = await askPatiently(
        () =>
          askLong(`${url}/v1/privacy/export${site}`, {
            headers: { Authorization: `Bearer ${token}` },
            body: JSON.stringify({ ids: [args.id] }),
          }),
        MOST_WAITS,
      );
      if (!response.ok || !response.body) throw new Error(await response.text());
      const temporary = `${out}.tmp`;
      try {
        // Only its owner may read it, and half of it is no answer.
        await pipeline(
          Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
          createWriteStream(temporary, { mode: 0o600 }),
        );
        await rename(temporary, out);
      } finally {
        await rm(temporary, { force: true });
      }
      process.stdout.write(`${args.out}\n`);
    });
  },
});
