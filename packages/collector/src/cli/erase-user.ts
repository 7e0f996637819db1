import { defineCommand } from 'citty';
import type { Receipt, Step } from '../privacy/erasure.ts';
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
      const response = await fetch(`${url}/v1/privacy/erase${site}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify({ ids: args._ }),
      });
      if (!response.ok || !response.body) throw new Error(await response.text());
      for await (const line of readLines(response.body)) {
        const said = line as { progress?: Step; receipt?: Receipt; error?: string };
        if (said.progress) {
          const { step, table, done, total } = said.progress;
          process.stderr.write(`${step}: ${table}, ${Math.min(done + 1, total)} of ${total}\n`);
        }
        if (said.error !== undefined) throw new Error(said.error);
        if (said.receipt) {
          process.stdout.write(`${JSON.stringify(said.receipt, null, 2)}\n`);
          return;
        }
      }
      throw new Error(
        'The collector stopped before the erasure was done. It goes on at its next start; or erase again.',
      );
    }),
});
