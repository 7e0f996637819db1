import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';
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

/** Inserts what stays and what two collectors stored beside it, repairs, and expects that it is found and gone. */
async function expectHealed(stays: InteractionRow[], surplus: InteractionRow[]) {
  for (const row of [...surplus, ...stays]) await engine.insert([row]);

  const found = await verify(engine);
  expect(found).toMatchObject({ ok: false, surplus: surplus.length });
  expect(found.surplusRows.map(({ id }) => id).sort()).toEqual(idsOf(surplus));
  expect(await left()).toEqual(idsOf([...stays, ...surplus]));

  expect(await verify(engine, { repair: true })).toMatchObject({ ok: true, surplus: 0, differences: [] });
  expect(await left()).toEqual(idsOf(stays));
  const rejected = await engine.query<{ id: string; code: string; sdk: string }>(
    `SELECT id, code, JSONExtractString(text, 'sdk') AS sdk FROM turnout.rejected_interactions
     WHERE site_id = '${site}' ORDER BY id`,
  );
  expect(rejected.map(({ id }) => id)).toEqual(idsOf(surplus));
  expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(['conflict']));
  return rejected;
}

test('an order that two told of in the same moment counts as it was told first', async () => {
  const refund = (sdk: string, seconds: number, line: string) =>
    aLine(sdk, seconds, { type: 'refund', props: { line } });

  const rejected = await expectHealed(
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
      aLine('segment/1', 1, { type: 'checkout_start' }),
      aLine('js/1', 0, { order_id: '' }),
      aLine('ingest', 1, { order_id: '' }),
    ],
    [
      aLine('ingest', 1),
      aLine('ingest', 2, { entity_id: 'e3', props: { line: 'x/r1' } }),
      refund('js/1', 2, 'x/z/r1'),
    ],
  );

  expect(rejected.map(({ sdk }) => sdk).sort()).toEqual(['ingest', 'ingest', 'js/1']);
});

test('what is older than the rejected are kept is left alone', async () => {
  for (const sdk of ['js/1', 'ingest'])
    await engine.insert([aLine(sdk, 0, { ts: at(31), received_at: at(31) })]);

  expect(await verify(engine, { repair: true })).toMatchObject({ ok: true });
  expect(await left()).toHaveLength(2);
});

test('of two records under one key the first counts, and whatever came another way', async () => {
  const [key, other] = [randomUUID(), randomUUID()];
  const sale = (order_id: string, seconds = 0) => aLine('ingest', seconds, { order_id });
  const [first, later, alsoOwned, single] = [sale('1'), sale('2', 1), sale('3'), sale('4')];
  const ofPage = aLine('js/1', 0, { order_id: '5' });
  await useKey(key, 7, 0, [first]);
  await useKey(key, 9, 1, [first, later, alsoOwned, ofPage]);
  await useKey(other, 8, 0, [alsoOwned, single]);

  await expectHealed([first, alsoOwned, single, ofPage], [later]);

  expect(await verify(engine)).toMatchObject({ ok: true });
});

test('of one id of two people the first stays', async () => {
  const first = aRow({
    site_id: site,
    type: 'attendance',
    sdk: 'ingest',
    user_key: '5',
    received_at: at(1),
    ts: at(1),
  });
  const later = { ...first, user_key: '4', received_at: at(0.9) };
  await engine.insert([later]);
  await engine.insert([first]);

  const healed = await verify(engine, { repair: true });

  expect(healed.repaired).toMatchObject({ ok: false, duplicates: 1 });
  expect(healed).toMatchObject({ ok: true, duplicates: 0, differences: [] });
  expect(await left()).toEqual([first.id]);
  const [stays] = await engine.query<{ person: string }>(
    `SELECT toString(user_key) AS person FROM turnout.interactions WHERE site_id = '${site}'`,
  );
  expect(stays).toEqual({ person: '5' });
});
