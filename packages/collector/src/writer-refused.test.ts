import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import type { LogEntry } from './log/record.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aCollector, countsOf, database } from './writer.test-helper.ts';

test('finds the rows that the database refuses, keeps them aside with its reason, stores their neighbours', async () => {
  const site = 'refused';
  const { log, writer, inserted } = await aCollector();
  const bad = aRow({ site_id: site, local_date: 'next friday' });
  const good = Array.from({ length: 9 }, () => aRow({ site_id: site }));

  await log.append([...good.slice(0, 4), bad, ...good.slice(4)].map((row) => anEntry(row)));
  expect(await writer.drain(20_000)).toBe(true);

  expect(inserted).toEqual([{ rows: 9, duplicates: 0, refused: 1 }]);
  expect(await countsOf(site)).toEqual({ rows: 9, ids: 9, clicks: 9 });
  const [rejected] = await database().query<{ id: string; code: string; message: string; text: string }>(
    "SELECT id, code, message, text FROM turnout.rejected_interactions WHERE site_id = 'refused'",
  );
  expect(rejected).toMatchObject({
    id: bad.id,
    code: 'refused',
    text: expect.stringContaining('next friday'),
  });
  expect(rejected?.message).not.toBe('');
});

test('finds the row that the database refuses behind a line of an order that does not count', async () => {
  const site = 'refused-retold';
  const { log, writer, inserted } = await aCollector();
  const line = { site_id: site, type: 'purchase', order_id: 'A-1' } as const;
  const bad = aRow({ site_id: site, local_date: 'next friday' });

  await log.append([
    anEntry(aRow({ ...line, sdk: 'js/1' }), 'd'),
    anEntry(aRow({ ...line, sdk: 'ingest' }), 'd'),
    anEntry(bad),
    anEntry(aRow({ site_id: site })),
  ]);
  expect(await writer.drain(20_000)).toBe(true);

  expect(inserted).toEqual([{ rows: 2, duplicates: 1, refused: 1 }]);
  expect(
    await database().query(
      `SELECT code, id FROM turnout.rejected_interactions WHERE site_id = '${site}' AND code = 'refused'`,
    ),
  ).toEqual([{ code: 'refused', id: bad.id }]);
});

test('what was rejected stops nothing: half a character is mended, a row that the database refuses is left out', async () => {
  const site = 'half';
  const { log, writer } = await aCollector();
  const rejected = (index: number, id: string, day: string): LogEntry => ({
    kind: 'r',
    key: `${site}/b#${index}`,
    json: JSON.stringify({
      ...{ site_id: site, received_at: '2026-05-01 00:00:00.000', received_day: day, batch_id: randomUUID() },
      ...{ index, id, code: 'invalid', message: 'no \ud83c', text: '"\\ud800"', user_key: '0' },
    }),
  });

  const today = new Date().toISOString().slice(0, 10);
  await log.append([
    rejected(0, '\ud800', today),
    rejected(1, 'refused', 'next friday'),
    rejected(2, 'fine', today),
    anEntry(aRow({ site_id: site })),
  ]);
  expect(await writer.drain(20_000)).toBe(true);

  expect(await countsOf(site)).toEqual({ rows: 1, ids: 1, clicks: 1 });
  expect(
    await database().query(
      `SELECT id, message, text FROM turnout.rejected_interactions WHERE site_id = '${site}' ORDER BY index`,
    ),
  ).toEqual([
    { id: '\ufffd', message: 'no \ufffd', text: '"\\ud800"' },
    { id: 'fine', message: 'no \ufffd', text: '"\\ud800"' },
  ]);
});

test('leaves every rollup equal to its recount', async () => {
  const { ok, differences } = await verify(database());

  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});
