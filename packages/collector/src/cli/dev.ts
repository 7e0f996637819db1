import { defineCommand } from 'citty';
import type { LogEntry } from '../intake.ts';
import { runCollector } from './serve.ts';
import { serverArguments, settingsOf } from './settings.ts';

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

  See what arrived:   npx turnout query "SELECT type, count() FROM interactions GROUP BY type"${folder}
  Fill it with life:  npx turnout seed${folder}
  Stop it:            Ctrl-C

`;
}

function printRows(entries: readonly LogEntry[]): void {
  for (const { kind, json } of entries) {
    const row = JSON.parse(json) as Record<string, string | number | undefined>;
    const time = String(row.received_at).slice(11, 19);
    const what =
      kind === 'r'
        ? `rejected  ${row.code}: ${row.message}`
        : [
            row.name ?? row.type,
            row.entity_type && `${row.entity_type}:${row.entity_id}`,
            row.surface,
            row.duration_ms && `${row.duration_ms} ms`,
            row.value && `${row.value} ${row.currency}`,
            row.page_path,
          ]
            .filter(Boolean)
            .join('  ');
    process.stdout.write(`${time}  ${printable(what)}\n`);
  }
}

/** What a visitor sent must not steer the terminal of whoever reads it. */
const printable = (text: string) =>
  text.replace(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1)).replaceAll('\u007f', '');
