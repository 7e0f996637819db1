import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aRow, at, day, type Engine, openMigrated } from './engine.test-helper.ts';
import type { InteractionRow } from './table.ts';
import { verify } from './verify.ts';

let engine: Engine;
let site: string;
beforeAll(async () => {
  engine = await openMigrated();
});
beforeEach(() => {
  site = randomUUID();
});
afterAll(() => engine.close());

/** A line of an order, so many seconds after the first. */
const aLine = (sdk: string, seconds: number, row: Partial<InteractionRow> = {}) =>
  aRow({
    ...{
      site_id: site,
      sdk,
      type: 'purchase',
      order_id: 'A-1',
      site_value: '10',
      user_key: sdk === 'ingest' ? '2' : '1',
    },
    ...{ ts: at(1), received_at: at(1 - seconds / 86_400) },
    ...row,
  });
const left = async () => {
  const rows = await engine.query<{ id: string }>(
    `SELECT toString(id) AS id FROM turnout.interactions WHERE startsWith(site_id, '${site}') ORDER BY id`,
  );
  return rows.map(({ id }) => id);
};
const idsOf = (rows: InteractionRow[]) => rows.map(({ id }) => id).sort();
const useKey = (record_key: string, content: number, seconds: number, rows: InteractionRow[]) =>
  engine.command(
    `INSERT INTO turnout.record_keys VALUES ('${site}', '${record_key}', ${content}, [${rows.map(({ id }) => `'${id}'`).join(', ')}], '${at(1 - seconds / 86_400)}')`,
  );

/** Inserts what counts and what two collectors stored beside it: that is named, and all stays where it is. */
async function expectNamed(counts: InteractionRow[], surplus: InteractionRow[]) {
  for (const row of [...surplus, ...counts]) await engine.insert([row]);

  const found = await verify(engine, { repair: true });
  expect(found.ok).toBe(true);
  // Those of the tests before this one are still there.
  const named = found.surplusRows.filter(({ site_id }) => site_id.startsWith(site));
  expect(named.map(({ id }) => id).sort()).toEqual(idsOf(surplus));
  expect(await left()).toEqual(idsOf([...counts, ...surplus]));
}

test('names the lines of who told second of an order in the same moment', async () => {
  const refund = (sdk: string, seconds: number, line: string) =>
    aLine(sdk, seconds, { type: 'refund', props: { line } });

  await expectNamed(
    [
      aLine('js/1.0.0', 0),
      aLine('js/1.1.0', 3, { entity_id: 'e2' }),
      // Another order, kind, refund and site are another matter.
      aLine('ingest', 1, { order_id: 'A-2' }),
      // So is what no view counts.
      aLine('ingest', 1, { env: 'staging' }),
      aLine('segment', 1, { is_bot: 1 }),
      aLine('ingest', 1, { site_id: `${site}, o'hare` }),
      refund('ingest', 1, 'x/r1'),
      refund('js/1.0.0', 1, 'y/r2'),
      ...['js/1', 'segment/1'].map((sdk) => aLine(sdk, 1, { type: 'checkout_start' })),
      aLine('js/1', 0, { order_id: '' }),
      aLine('ingest', 1, { order_id: '' }),
    ],
    [
      aLine('ingest', 1),
      aLine('ingest', 2, { entity_id: 'e3', props: { line: 'x/r1' } }),
      refund('js/1', 2, 'x/z/r1'),
    ],
  );
});

test('names the second of two records of a whole order that came in the same moment', async () => {
  const told = (order_id: string, seconds: number, order_record?: string, sdk = 'ingest') =>
    aLine(sdk, seconds, { order_id, props: order_record === undefined ? {} : { order_record } });

  await expectNamed(
    [
      told('A-3', 0, 'r1'),
      told('A-3', 0, 'r1'),
      // Told in parts: by an earlier version in between, by the page, and of a refund.
      ...[told('A-4', 0, 'r1'), told('A-4', 1), told('A-4', 2, 'r2')],
      ...[told('A-5', 0, 'r1', 'js/1'), told('A-5', 1, 'r2', 'js/1')],
      ...['r1', 'r2'].map((record) => ({ ...told('A-6', 0, record), type: 'refund' as const })),
      told('A-7', 0, 'r1', 'segment:node/1'),
      told('A-8', 0, 'r1'),
    ],
    [
      ...[told('A-3', 1, 'r2'), told('A-3', 2, 'r3'), told('A-7', 1, 'r2', 'segment:node/2')],
      // That somebody else told it in parts is no excuse.
      ...[told('A-8', 1, undefined, 'js/1'), told('A-8', 2, 'r2')],
    ],
  );
});

test('leaves an order alone whose number was used years before, and what is older than a month', async () => {
  const ofYearsAgo = aLine('ingest', 0, { ts: at(300), id_day: at(300).slice(0, 10) });
  const longSince = ['js/1', 'ingest'].map((sdk) =>
    aLine(sdk, 0, { order_id: 'old', ts: at(31), received_at: at(31) }),
  );
  const [first, second] = ['js/1', 'segment/1'].map((sdk) =>
    aLine(sdk, 0, { order_id: 'of this month', ts: at(29), received_at: at(29) }),
  ) as [InteractionRow, InteractionRow];
  // Of another day than the first, which is of yesterday.
  const of = (daysAgo: number, order_id: string) => aLine('ingest', 1, { order_id, id_day: day(daysAgo) });

  await expectNamed(
    [
      ...[ofYearsAgo, aLine('js/1', 0), ...longSince, first],
      ...[aLine('js/1', 0, { order_id: 'near' }), aLine('js/1', 0, { order_id: 'far' }), of(17, 'far')],
    ],
    [second, of(16, 'near')],
  );
});

test('names what a key stood for second, and nothing that came another way as well', async () => {
  const [key, other] = [randomUUID(), randomUUID()];
  const sale = (order_id: string, seconds = 0) => aLine('ingest', seconds, { order_id });
  const [first, later, alsoOwned, single] = [sale('1'), sale('2', 1), sale('3'), sale('4')];
  const ofPage = aLine('js/1', 0, { order_id: '5' });
  const ofAnotherSite = { ...later, site_id: `${site}, o'hare` } as InteractionRow;
  await useKey(key, 9, 0, [first]);
  await useKey(key, 7, 1, [first, later, alsoOwned, ofPage]);
  await useKey(other, 8, 0, [alsoOwned, single]);

  await expectNamed([first, alsoOwned, single, ofPage, ofAnotherSite], [later]);
});

test('counts all that a key stood for second, however much it is, and names as many as asked for', async () => {
  const key = randomUUID();
  const [first, ...later] = Array.from({ length: 1_002 }, (_, number) =>
    aLine('ingest', number === 0 ? 0 : 1, { order_id: `many ${number}` }),
  );
  await useKey(key, 9, 0, [first as InteractionRow]);
  await useKey(key, 7, 1, later);
  await engine.insert([first as InteractionRow, ...later]);

  const all = await verify(engine, { limit: 100_000 });
  const some = await verify(engine, { limit: 3 });

  const named = all.surplusRows.filter(({ site_id }) => site_id === site);
  expect(named.map(({ id }) => id).sort()).toEqual(idsOf(later));
  expect(new Set(named.map(({ of, name }) => `${of} ${name}`))).toEqual(new Set([`key ${key}`]));
  expect([some.surplus, some.surplusRows.length]).toEqual([all.surplusRows.length, 3]);
});
