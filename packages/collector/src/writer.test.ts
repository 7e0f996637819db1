import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { anEntry, aRow } from './testing/rows.ts';
import { aCollector, countsOf, database } from './writer.test-helper.ts';

test('stores what the log holds as one block under the token of its segment', async () => {
  const { log, writer, disk } = await aCollector();
  const rows = [aRow({ site_id: 'one-block' }), aRow({ site_id: 'one-block' })];

  await log.append(rows.map((row) => anEntry(row)));
  expect(await writer.drain(10_000)).toBe(true);

  const stored = await database().query<{ id: string; batch: string }>(
    "SELECT toString(id) AS id, toString(batch) AS batch FROM turnout.interactions WHERE site_id = 'one-block' ORDER BY id",
  );
  expect(stored.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  expect(new Set(stored.map(({ batch }) => batch)).size).toBe(1);
  expect(await disk.list()).toEqual([]);
});

test('drains what was appended before, while more keeps coming', async () => {
  const { log, writer } = await aCollector();
  const before = Array.from({ length: 3 }, () => aRow({ site_id: 'busy' }));
  await log.append(before.map((row) => anEntry(row)));
  let isOver = false;
  const traffic = (async () => {
    while (!isOver) await log.append([anEntry(aRow({ site_id: 'busy' }))]);
  })();

  const isDrained = await writer.drain(10_000);
  isOver = true;
  await traffic;

  expect(isDrained).toBe(true);
  const stored = await database().query<{ id: string }>(
    "SELECT toString(id) AS id FROM turnout.interactions WHERE site_id = 'busy'",
  );
  expect(stored.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
});

test('stores what came before the clock was put back, and drains it', async () => {
  const site = 'put-back';
  const { log, writer } = await aCollector({ now: () => Date.now() - 3_600_000 });

  await log.append([anEntry(aRow({ site_id: site }))]);
  expect(await writer.drain(20_000)).toBe(true);
  expect(await countsOf(site)).toMatchObject({ rows: 1 });
  await log.append([anEntry(aRow({ site_id: site }))]);

  await expect.poll(() => countsOf(site), { timeout: 60_000 }).toMatchObject({ rows: 2 });
});

test('takes nothing while paused, and catches up afterwards', async () => {
  const { log, writer } = await aCollector();

  await writer.pause();
  await log.append([anEntry(aRow({ site_id: 'paused' }))]);
  expect(await writer.drain(300)).toBe(false);
  expect(await countsOf('paused')).toMatchObject({ rows: 0 });

  writer.resume();
  expect(await writer.drain(10_000)).toBe(true);
  expect(await countsOf('paused')).toMatchObject({ rows: 1 });
});

test('leaves every rollup equal to its recount', async () => {
  const { ok, differences } = await verify(database());

  expect(differences).toEqual([]);
  expect(ok).toBe(true);
});
