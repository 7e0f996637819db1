import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { findRunning } from '../run-file.ts';
import type { TailLine } from '../tail.ts';
import { askLong } from './ask-long.ts';
import { printable } from './printable.ts';
import { readLines } from './read-lines.ts';
import { dataDirArgument } from './settings.ts';
import { type Row, shownRejection, shownRow } from './shown-row.ts';

export const tail = defineCommand({
  meta: { name: 'tail', description: 'Show what arrives, as it arrives: accepted, or rejected and why' },
  args: {
    site: { type: 'string', description: 'Only what this site sends, by its id' },
    rejected: { type: 'boolean', description: 'Only what is rejected', default: false },
    json: { type: 'boolean', description: 'Print whole rows as JSON, one a line', default: false },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const { dataDir } = readConfig({ dataDir: args['data-dir'] }, process.env);
    const running = await findRunning(dataDir);
    if (!running)
      throw new Error(
        `No collector runs on the data directory ${resolve(dataDir)}. Start one with "turnout serve", or name its folder with --data-dir.`,
      );
    const headers = { Authorization: `Bearer ${running.admin_token}` };
    const response = await askLong(`${running.url}/v1/admin/tail`, { headers });
    if (!response.ok || !response.body) throw new Error(await response.text());

    // Such as "| head": whoever reads has enough.
    process.stdout.on('error', () => process.exit(0));
    process.stderr.write(`Watching ${running.url}. Ctrl-C ends it.\n`);
    for await (const line of readLines(response.body)) {
      const shown = args.json ? printable(JSON.stringify(line)) : describe(line);
      if (isWanted(line, args)) process.stdout.write(`${shown}\n`);
    }
    throw new Error('The collector stopped. Watch again when it runs.');
  },
});

function isWanted(
  line: TailLine,
  { site, rejected }: { site?: string | undefined; rejected: boolean },
): boolean {
  if (line.missed !== undefined) return true;
  const row = (line.rejected ?? (rejected ? undefined : line.accepted)) as Row | undefined;
  return row !== undefined && (site === undefined || row.site_id === site);
}

function describe({ accepted, rejected, missed }: TailLine): string {
  if (missed !== undefined) return `${missed} more came than could be shown`;
  const row = (accepted ?? rejected ?? {}) as Row;
  return rejected
    ? `${coloured('red', 'rejected')}  ${row.site_id}  ${shownRejection(row)}`
    : `${coloured('green', 'accepted')}  ${row.site_id}  ${shownRow(row)}`;
}

/** A file or a pipe gets plain text, and so does who asks for it: https://no-color.org. */
const coloured = (colour: 'green' | 'red', text: string) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(colour, text) : text;
