import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRecordKeys } from './doors/server/record-keys.ts';
import { createIntake } from './intake.ts';
import { keyEntry } from './kept-keys.ts';
import type { LogEntry } from './log/record.ts';
import { createRecent } from './recent.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aStoringCollector } from './testing/storing-collector.ts';
import { aFolder } from './testing/temporary.ts';

const { database } = anEngineForThisFile();

/** An order as the page tells it, and as a back end does under a key. */
function anOrder(site: string) {
  const row = aRow({ site_id: site, type: 'purchase', order_id: 'A-2', value: '10.00' });
  const ofBackEnd = (key: string, content: number): LogEntry[] => [
    keyEntry({ site_id: site, record_key: key, content, ids: [row.id] }, Date.now()),
    anEntry({ ...row, user_key: '0', sdk: 'ingest' }, 'd'),
  ];
  return { page: [anEntry({ ...row, sdk: 'js/1' }, 'd')], ofBackEnd };
}

async function sdksOf(site: string): Promise<string[]> {
  const rows = await database().query<{ sdk: string }>(
    'SELECT sdk FROM turnout.interactions WHERE site_id = {site:String}',
    { site },
  );
  return rows.map(({ sdk }) => sdk);
}

/** Another collector took another order under this key. */
async function aUsedKey(site: string): Promise<string> {
  const key = randomUUID();
  const { json } = keyEntry(
    { site_id: site, record_key: key, content: 1, ids: [randomUUID()] },
    Date.now() - 60_000,
  );
  await database().insertBlock('turnout.record_keys', randomUUID(), Buffer.from(`${json}\n`));
  return key;
}

type Step = 'page' | 'reused' | 'right' | 'fresh' | 'store' | 'crash';
const CASES: [name: string, steps: Step[], stored: string][] = [
  ['the page behind a reused key', ['reused', 'page'], 'js/1'],
  ['the page before a reused key', ['page', 'reused'], 'js/1'],
  ['the page behind a fresh key', ['fresh', 'page'], 'ingest'],
  ['a fresh key behind a reused one', ['reused', 'fresh'], 'ingest'],
  ['a fresh key before a reused one', ['fresh', 'reused', 'page'], 'ingest'],
  ['what the key stands for behind a reused one', ['reused', 'right'], 'ingest'],
  ['the page a segment after a reused key', ['reused', 'store', 'page'], 'js/1'],
  ['a reused key a segment after the page', ['page', 'store', 'reused'], 'js/1'],
  ['the page a segment after a fresh key', ['fresh', 'store', 'page'], 'ingest'],
  ['a fresh key a segment after a reused one', ['reused', 'store', 'fresh', 'page'], 'ingest'],
  ['the page after a crash behind a reused key', ['reused', 'crash', 'page'], 'js/1'],
  ['the page after a crash behind a fresh key', ['fresh', 'crash', 'page'], 'ingest'],
];

test.each(CASES)('an order stays, once: %s', async (name, steps, stored) => {
  const site = `keys-${CASES.findIndex(([of]) => of === name)}`;
  const reused = await aUsedKey(site);
  const keys = { reused, right: reused, fresh: randomUUID() };
  const { page, ofBackEnd } = anOrder(site);
  const folder = await aFolder();
  let collector = await aStoringCollector(folder, database());

  for (const step of [...steps, 'store'] as const) {
    if (step === 'store') await collector.store();
    else if (step === 'crash') {
      await collector.close();
      collector = await aStoringCollector(folder, database());
    } else
      await collector.intake.take(step === 'page' ? page : ofBackEnd(keys[step], step === 'right' ? 1 : 2));
  }

  expect(await sdksOf(site)).toEqual([stored]);
});

test('a retry of a back end under its key is one of what waits', async () => {
  const appended: LogEntry[] = [];
  const intake = createIntake({ append: async (entries) => void appended.push(...entries) }, createRecent());
  const order = anOrder('retried').ofBackEnd(randomUUID(), 1);

  expect(await intake.take(order)).toEqual({ duplicates: 0 });
  expect(await intake.take(order)).toEqual({ duplicates: 1 });
  expect(appended).toEqual(order);
});

test('what claims a key while it is looked up keeps it here, and the writer decides', async () => {
  const name = await aUsedKey('claimed');
  const keys = createRecordKeys(database());
  const learning = keys.learn('claimed', [{ name, content: 1 }]);
  expect(keys.claim('claimed', { name, content: 2 })).toBe('new');
  await learning;

  expect(keys.claim('claimed', { name, content: 2 })).toBe('same');
  expect(keys.claim('claimed', { name, content: 1 })).toBe('other');
});

test('what a key was first used for is found among more keys than a question holds', async () => {
  const name = await aUsedKey('many');
  const others = Array.from({ length: 100 }, () => ({ name: randomUUID(), content: 5 }));
  const keys = createRecordKeys(database());

  await keys.learn('many', [...others, { name, content: 1 }]);

  expect(keys.claim('many', { name, content: 2 })).toBe('other');
  await keys.learn('elsewhere', [{ name, content: 2 }]);
  expect(keys.claim('elsewhere', { name, content: 2 })).toBe('new');
  // A database that answers is asked the next time, too.
  const next = await aUsedKey('many');
  await keys.learn('many', [{ name: next, content: 2 }]);
  expect(keys.claim('many', { name: next, content: 2 })).toBe('other');
});

test('of two records that were stored under one key the first is what it stands for', async () => {
  const name = await aUsedKey('raced');
  const { json } = keyEntry(
    { site_id: 'raced', record_key: name, content: 9, ids: [randomUUID()] },
    Date.now(),
  );
  await database().insertBlock('turnout.record_keys', randomUUID(), Buffer.from(`${json}\n`));
  const keys = createRecordKeys(database());

  await keys.learn('raced', [{ name, content: 9 }]);

  expect(keys.claim('raced', { name, content: 9 })).toBe('other');
});
