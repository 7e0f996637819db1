import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from '../../database.ts';
import { claimOf, createRecordKeys } from './record-keys.ts';

/** A database that takes questions and answers none. */
async function aHungDatabase() {
  let asked = 0;
  let waiting = 0;
  const server = createServer((request) => {
    asked += 1;
    waiting += 1;
    request.socket.once('close', () => {
      waiting -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const database = createDatabase(() => ({ url: `http://127.0.0.1:${port}` }));
  onTestFinished(async () => {
    await database.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { database, asked: () => asked, waiting: () => waiting };
}

test('gives up a database that hangs, and lets it be for ten seconds', async () => {
  let now = 0;
  const { database, asked, waiting } = await aHungDatabase();
  const keys = createRecordKeys(database, { now: () => now });
  const learn = (key: string) => keys.learn('demo', [claimOf(['sale', key], '{}')]);

  await learn('first');
  expect(asked()).toBe(1);
  await expect.poll(waiting).toBe(0);

  now = 9_999;
  await learn('second');
  expect(asked()).toBe(1);
  now = 10_000;
  await learn('third');
  expect(asked()).toBe(2);
  await expect.poll(waiting).toBe(0);
});
