import { onTestFinished } from 'vitest';
import { createDatabase } from '../packages/collector/src/database.ts';
import { startEngine } from '../packages/collector/src/engine/supervisor.ts';
import { aDataDir } from './collector.ts';

/** A ClickHouse that several collectors of a test share; it ends with the test. */
export async function aSharedDatabase() {
  const { dataDir: path, remove } = await aDataDir();
  onTestFinished(remove);
  const engine = await startEngine({ path, sqlPort: 0, log: { warn: () => {} } });
  onTestFinished(engine.close);
  const database = createDatabase(() => ({
    url: engine.url(),
    username: 'turnout',
    password: engine.password,
  }));
  onTestFinished(database.close);
  /** What a collector is told, if its way leads by another address also. */
  const urlBy = (address = engine.url()) => `http://turnout:${engine.password}@${new URL(address).host}`;
  return { database, address: engine.url, urlBy };
}
