import type { Settings } from '../config.ts';

/** Flags that every command understands. */
export const dataDirArgument = {
  'data-dir': { type: 'string', description: 'Folder of log, database and secret (default .turnout)' },
} as const;

/** Flags of the commands that start a collector. */
export const serverArguments = {
  port: { type: 'string', description: 'Port for batches and scripts; 0: any free one (default 8787)' },
  'sql-port': { type: 'string', description: 'Read-only SQL port; 0: any free one (default 8123)' },
  host: { type: 'string', description: 'Address to listen on (default 127.0.0.1)' },
  site: { type: 'string', description: 'Folder of a site to serve at / beside the collector' },
  ...dataDirArgument,
} as const;

/** Flags as the configuration reads them. */
export function settingsOf(args: Partial<Record<keyof typeof serverArguments, string>>): Settings {
  return { port: args.port, sqlPort: args['sql-port'], host: args.host, dataDir: args['data-dir'] };
}
