import { expect, test } from 'vitest';
import { longestQuerySeconds } from './longest-query.ts';
import { anEngineForThisFile } from './testing/engine.ts';

const { engine, database } = anEngineForThisFile();

test('tells how long a query on the SQL port has been running, and nothing of the asking itself', async () => {
  expect(await longestQuerySeconds(database())).toBe(0);

  const slow = fetch(engine().sqlUrl(), { method: 'POST', body: 'SELECT sleep(3), sleep(3)' });
  await expect.poll(() => longestQuerySeconds(database()), { timeout: 60_000 }).toBeGreaterThan(0.2);
  await (await slow).text();

  await expect.poll(() => longestQuerySeconds(database()), { timeout: 60_000 }).toBe(0);
});

test('leaves a database that is away out', async () => {
  const away = { query: () => Promise.reject(new Error('away')) };

  expect(await longestQuerySeconds(away)).toBe(undefined);
});
