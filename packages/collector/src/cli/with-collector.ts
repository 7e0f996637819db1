import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { startCollector } from '../node.ts';
import { findRunning } from '../run-file.ts';
import { requireAnswer } from './require-answer.ts';

/** Where a collector listens, and what it wants to be shown. */
export interface CollectorAddress {
  url: string;
  token: string;
}

const quiet = {
  info: () => {},
  warn: (details: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
  error: (details: object, message: string) =>
    process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
};

/**
 * Asks the collector of a data directory; where none is running, one is started for as long as `use` takes, because
 * what lies in its log belongs to the answer.
 */
export async function withCollector<Result>(
  dataDir: string | undefined,
  use: (collector: CollectorAddress) => Promise<Result>,
  /** `takesOnly`: what is sent waits in the log while the database is away. */
  options: { takesOnly?: boolean } = {},
): Promise<Result> {
  const config = readConfig({ dataDir, host: '127.0.0.1', port: '0', sqlPort: '0' }, process.env);
  const running = await findRunning(config.dataDir);
  if (running) return use({ url: running.url, token: running.admin_token });
  if (config.clickhouseUrl === undefined && !existsSync(config.dataDir)) {
    throw new Error(
      `There is no data directory ${resolve(config.dataDir)}. Start a collector with "turnout serve", or name its folder with --data-dir.`,
    );
  }
  if (config.clickhouseUrl !== undefined && !options.takesOnly) await requireAnswer(config.clickhouseUrl);
  const collector = await startCollector(config, { log: quiet });
  try {
    if (!options.takesOnly) await untilMigrated(collector.url);
    return await use({ url: collector.url, token: collector.adminToken });
  } finally {
    await collector.close();
  }
}

const MAKING_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Batches are taken before a server has its tables. What reads or rebuilds them comes behind that, or nothing would be stored for it. */
async function untilMigrated(url: string): Promise<void> {
  const begun = performance.now();
  while (performance.now() - begun < MAKING_MS) {
    const { checks } = (await (await fetch(`${url}/readyz`)).json()) as { checks: Record<string, string> };
    if (checks.migrations === 'ok') return;
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
  throw new Error('The tables of the database could not be made within a minute: the reason stands above.');
}
