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

const claim = (key: string, content = 1) => ({ name: key, content });

test('forgets the oldest key where it knows too many', () => {
  const keys = createRecordKeys(undefined, { maxKeys: 2 });
  for (const key of ['a', 'b', 'c']) expect(keys.claim('demo', claim(key))).toBe('new');

  expect(['b', 'c'].map((key) => keys.claim('demo', claim(key, 2)))).toEqual(['other', 'other']);
  expect(keys.claim('demo', claim('a', 2))).toBe('new');
});

test('forgets what was not taken, and a site with all its keys, and no other', () => {
  const keys = createRecordKeys();
  for (const site of ['hall', 'hall-2']) keys.claim(site, claim('a'));
  keys.claim('hall', claim('b'));

  keys.forget('hall', claim('a'));
  expect(keys.claim('hall', claim('a', 2))).toBe('new');
  expect(keys.claim('hall', claim('b', 2))).toBe('other');
  keys.forgetSite('hall');

  expect(keys.claim('hall', claim('b', 2))).toBe('new');
  expect(keys.claim('hall-2', claim('a', 2))).toBe('other');
});

test('knows what an earlier run took', () => {
  const keys = createRecordKeys();

  keys.remember([{ site_id: 'demo', record_key: 'a', content: 1, ids: [], used_at: '' }]);

  expect(keys.claim('demo', claim('a'))).toBe('same');
  expect(keys.claim('demo', claim('a', 2))).toBe('other');
});
