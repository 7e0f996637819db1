import { defineCommand } from 'citty';
import type { Receipt, Step } from '../privacy/erasure.ts';
import { askLong } from './ask-long.ts';
import { readLines } from './read-lines.ts';
import { dataDirArgument } from './settings.ts';
import { withCollector } from './with-collector.ts';

export const eraseUser = defineCommand({
  meta: {
    name: 'erase-user',
    description: 'Erase people for good: everything stored about them, and what still arrives',
  },
  args: {
    site: { type: 'string', description: 'Id of the site, where there are several' },
    ...dataDirArgument,
    ids: {
      type: 'positional',
      description: 'Ids of people or visitors, as many as you like',
      required: true,
    },
  },
  run: ({ args }) =>
    withCollector(args['data-dir'], async ({ url, token }) => {
      const site = args.site === undefined ? '' : `?site=${encodeURIComponent(args.site)}`;
      const response = await askLong(`${url}/v1/privacy/erase${site}`, {
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify({ ids: args._ }),
      });
      if (!response.ok || !response.body) throw new Error(await response.text());
      let isBegun = false;
      for await (const line of readLines(response.body)) {
        const said = line as { progress?: Step; receipt?: Receipt; error?: string };
        if (said.progress) {
          const { step, table, done, total } = said.progress;
          isBegun ||= step !== 'waiting for its turn';
          process.stderr.write(`${step}: ${table}, ${Math.min(done + 1, total)} of ${total}\n`);
        }
        if (said.error !== undefined)
          throw new Error(
            isBegun
              ? `${said.error.trimEnd()} The erasure is not finished: it goes on at the next start of the collector; or mend this and erase again, for a receipt.`
              : said.error,
          );
        if (said.receipt) {
          process.stdout.write(`${JSON.stringify(said.receipt, null, 2)}\n`);
          return;
        }
      }
      // The tombstone is on the medium before the first line comes.
      throw new Error(
        isBegun
          ? 'The collector stopped before the erasure was done. It goes on at its next start; or erase again, for a receipt.'
          : 'The collector stopped before it was the turn of the erasure. Erase again when it runs.',
      );
    }),
});
