import { onTestFinished } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { writeRunFile } from '../run-file.ts';
import { aFolder } from './temporary.ts';

/**
 * A collector in front of the engine of this file, which the commands find through its data directory.
 *
 * @returns Also the environment that names the same database to a command.
 */
export async function aFoundCollector({ url, password }: { url(): string; password: string }) {
  const dataDir = await aFolder();
  const env = { TURNOUT_CLICKHOUSE_URL: `http://turnout:${password}@${new URL(url()).host}` };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const collector = await startCollector(readConfig({ port: '0', dataDir }, env), { log });
  onTestFinished(collector.close);
  const run = { pid: process.pid, sql_url: collector.sqlUrl, admin_token: collector.adminToken };
  await writeRunFile(dataDir, { ...run, url: collector.url });
  return { collector, dataDir, env };
}
