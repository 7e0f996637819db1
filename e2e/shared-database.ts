import { onTestFinished as ofTheOnlyTest, type TestContext } from 'vitest';
import { createDatabase } from '../packages/collector/src/database.ts';
import { startEngine } from '../packages/collector/src/engine/supervisor.ts';
import { aDataDir, copyTables } from './collector.ts';

interface Options {
  /** Whose it is, where tests of a file run beside each other. */
  test?: Pick<TestContext, 'onTestFinished'>;
  /** Where nobody cares how the tables come to be. */
  hasTables?: boolean;
}

/** A ClickHouse that several collectors of a test share; it ends with the test. */
export async function aSharedDatabase({ test, hasTables = false }: Options = {}) {
  const onTestFinished = test?.onTestFinished ?? ofTheOnlyTest;
  const { dataDir: path, remove } = await aDataDir();
  onTestFinished(remove);
  if (hasTables) await copyTables(path);
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
