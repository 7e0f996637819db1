import { defineCommand } from 'citty';
import type { LogEntry } from '../intake.ts';
import { runCollector } from './serve.ts';
import { serverArguments, settingsOf } from './settings.ts';
import { type Row, shownRejection, shownRow } from './shown-row.ts';

const EXAMPLE = 'examples/venue-site';

export const dev = defineCommand({
  meta: { name: 'dev', description: 'Run the collector with an example site beside it' },
  args: {
    ...serverArguments,
    rows: { type: 'boolean', description: 'Print each interaction as it arrives', default: false },
  },
  run: ({ args }) =>
    runCollector(settingsOf(args), {
      site: args.site ?? EXAMPLE,
      greet: (url, sqlUrl) => process.stdout.write(greeting(url, sqlUrl, args['data-dir'])),
      ...(args.rows ? { onTaken: printRows } : {}),
    }),
});

function greeting(url: string, sqlUrl: string, dataDir: string | undefined): string {
  const folder = dataDir === undefined ? '' : ` --data-dir ${dataDir}`;
  return `
  Turnout is listening.

    Example site   ${url}/          click around: every card is measured
    Script tag     <script defer src="${url}/t.js" data-key="wk_demo"></script>
    SQL            ${sqlUrl}        read-only, speaks ClickHouse HTTP

  Watch what arrives: npx turnout tail${folder}
  See what arrived:   npx turnout query "SELECT type, count() FROM interactions GROUP BY type"${folder}
  Fill it with life:  npx turnout seed${folder}
  Stop it:            Ctrl-C

`;
}

function printRows(entries: readonly LogEntry[]): void {
  for (const { kind, json } of entries) {
    const row = JSON.parse(json) as Row;
    process.stdout.write(`${kind === 'r' ? `${shownRejection(row)} (rejected)` : shownRow(row)}\n`);
  }
}
