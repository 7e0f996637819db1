import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { anEntry, aRow } from './testing/rows.ts';
import { aCollector, countsOf, database } from './writer.test-helper.ts';

test('leaves out a doubtful row that is stored, whichever segment brought it', async () => {
  const { log, writer, inserted } = await aCollector();
  const row = aRow({ site_id: 'doubtful' });
  await log.append([anEntry(row)]);
  await writer.drain(10_000);

  await log.append([
    anEntry({ ...row, attempt: 1 }, 'd'),
    anEntry(aRow({ site_id: 'doubtful', attempt: 1 }), 'd'),
  ]);
  await writer.drain(10_000);

  expect(inserted).toEqual([
    { rows: 1, duplicates: 0, refused: 0 },
    { rows: 1, duplicates: 1, refused: 0 },
  ]);
  expect(await countsOf('doubtful')).toEqual({ rows: 2, ids: 2, clicks: 2 });
});

test('leaves out a second copy within one segment', async () => {
  const { log, writer } = await aCollector();
  const row = aRow({ site_id: 'twice' });

  await log.append([anEntry(row), anEntry({ ...row, attempt: 1 }, 'd')]);
  await writer.drain(10_000);

  expect(await countsOf('twice')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});

test('looks every row up when it is told to', async () => {
  const row = aRow({ site_id: 'young' });
  const before = await aCollector();
  await before.log.append([anEntry(row)]);
  await before.writer.drain(10_000);

  const after = await aCollector({ looksUpAll: true });
  await after.log.append([anEntry(row)]);
  await after.writer.drain(10_000);

  expect(await countsOf('young')).toEqual({ rows: 1, ids: 1, clicks: 1 });
});

test('keeps one id of two sites apart', async () => {
  const { log, writer } = await aCollector();
  const row = aRow({ site_id: 'site-a' });
  await log.append([anEntry(row)]);
  await writer.drain(10_000);

  await log.append([anEntry({ ...row, site_id: 'site-b', attempt: 1 }, 'd')]);
  await writer.drain(10_000);

  expect(await countsOf('site-a')).toMatchObject({ rows: 1 });
  expect(await countsOf('site-b')).toMatchObject({ rows: 1 });
});

test('counts an order once, the first, though page and back end name buyer and day differently', async () => {
  const { log, writer } = await aCollector();
  const page = aRow({
    site_id: 'shop',
    type: 'purchase',
    order_id: 'o-1',
    value: '50',
    site_value: '50',
    user_key: '1',
  });
  await log.append([anEntry(page, 'd')]);
  await writer.drain(10_000);

  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const backEnd = { ...page, user_key: '2', id_day: yesterday, value: '51', site_value: '51' };
  await log.append([anEntry(backEnd, 'd')]);
  await writer.drain(10_000);

  const [row] = await database().query<{ orders: number; revenue: number }>(
    "SELECT toUInt32(sum(purchases)) AS orders, toFloat64(sum(revenue)) AS revenue FROM turnout.event_daily WHERE site_id = 'shop'",
  );
  expect(row).toEqual({ orders: 1, revenue: 50 });
});

test('leaves every rollup equal to its recount', async () => {
  const { ok, differences } = await verify(database());

  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});
