import { randomUUID } from 'node:crypto';
import type { InteractionRow } from '@turnout/schema';
import { expect, test } from 'vitest';
import type { LogEntry } from './intake.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aStoringCollector } from './testing/storing-collector.ts';
import { aFolder } from './testing/temporary.ts';

const { database } = anEngineForThisFile();

/** A line of an order: who tells of it, and what is unlike other lines. */
type Told = Pick<InteractionRow, 'sdk'> & Partial<InteractionRow>;

const daysAgo = (days: number) => {
  const ts = new Date(Date.now() - days * 86_400_000).toISOString().replace('T', ' ').slice(0, 23);
  return { ts, occurred_at: ts, local_date: ts.slice(0, 10), id_day: ts.slice(0, 10) };
};
const page = (name: string, row: Partial<InteractionRow> = {}): Told => ({ sdk: 'js/1.0.0', name, ...row });
const shop = (name: string, row: Partial<InteractionRow> = {}): Told => ({ sdk: 'ingest', name, ...row });
const refund = { type: 'refund' } as const;
const whole = (order_record: string) => ({ props: { order_record } });
const A = randomUUID();
/** Memory does not know it any more: the writer looks it up. */
const longAgo = { received_at: daysAgo(0.1).ts };

/** What comes in one block after the other, and the names of the lines that count. */
const CASES: [what: string, blocks: Told[][], counted: string][] = [
  ['an order belongs to who told of it first', [[page('a')], [shop('b')]], 'a'],
  ['of one block, too', [[page('a'), shop('b'), page('c')]], 'ac'],
  ['another site may give the same number', [[page('a'), shop('b', { site_id: 'other' })]], 'ab'],
  ['so may another site that came before', [[page('a')], [shop('b', { site_id: 'other' })]], 'ab'],
  ['who sold it need not be who refunds it', [[page('a'), shop('b', refund)], [shop('c', refund)]], 'abc'],
  [
    'each refund has its own teller',
    [
      [page('a', { ...refund, props: { line: 'x/r1' } })],
      [shop('b', { ...refund, props: { line: 'y/r2' } }), shop('c', { ...refund, props: { line: 'y/r1' } })],
    ],
    'ab',
  ],
  [
    'what was refunded may have a stroke in its name',
    [
      [page('a', { ...refund, props: { line: 'row 1/seat 2/r1' } })],
      [shop('b', { ...refund, props: { line: 'row 1/seat 3/r1' } })],
      [shop('c', { ...refund, props: { line: 'row 1/seat 3/r2' } })],
    ],
    'ac',
  ],
  [
    'a refund of the whole may have a name',
    [[page('a', { ...refund, props: { line: '/r1' } })], [shop('b', { ...refund, props: { line: 'y/r1' } })]],
    'a',
  ],
  [
    'a seat is no name of a sale',
    [[page('a', { props: { line: 'row 1/2' } })], [shop('b', { props: { line: 'row 1/3' } })]],
    'a',
  ],
  ['another version is the same teller', [[page('a')], [page('b', { sdk: 'js/1.1.0' })]], 'ab'],
  [
    'another library of one name before its version is another teller',
    [[page('a', { sdk: 'segment/browser/1' })], [page('b', { sdk: 'segment/node/1' })]],
    'a',
  ],
  ['two weeks later it is the same order', [[page('a', daysAgo(14))], [shop('b')]], 'a'],
  ['two weeks earlier, too', [[page('a')], [shop('b', daysAgo(14))]], 'a'],
  [
    'and among others of other days',
    [[page('a', daysAgo(24))], [shop('b', { order_id: 'another' }), shop('c', daysAgo(10))]],
    'ab',
  ],
  [
    'an order of many is looked up',
    [[page('a')], [shop('b', { order_id: '1' }), shop('c', { order_id: '2' }), shop('d')]],
    'abc',
  ],
  [
    'a whole order is told once',
    [[shop('a', whole('1'))], [shop('b', whole('2')), shop('c', whole('1'))]],
    'ac',
  ],
  ['of one block, too, a whole order is told once', [[shop('a', whole('1')), shop('b', whole('2'))]], 'a'],
  ['what an earlier version stored of it may be a part', [[shop('a')], [shop('b', whole('1'))]], 'ab'],
  ['what an earlier version tells of it, too', [[shop('a', whole('1'))], [shop('b')]], 'ab'],
  ['a page has no records', [[page('a', whole('1'))], [page('b', whole('2'))]], 'ab'],
  [
    'a refund is told in parts',
    [[shop('a', { ...refund, ...whole('1') })], [shop('b', { ...refund, ...whole('2') })]],
    'ab',
  ],
  ['what is no sale has no teller', [[page('a', { type: 'checkout_start' })], [shop('b')]], 'ab'],
  [
    'the same line told again is a duplicate',
    [[page('a', { id: A, ...longAgo })], [shop('b', { id: A })]],
    'a',
  ],
];

const asEntry = (told: Told, site: string, order: string): LogEntry => {
  const { site_id = site, ...row } = told;
  return anEntry(
    aRow({ type: 'purchase', order_id: order, value: '1', ...row, site_id: `${site_id}-${order}` }),
    'd',
  );
};
const rejectedOf = (order: string) =>
  database().query<{ code: string; message: string; name: string }>(
    `SELECT code, message, JSONExtractString(text, 'name') AS name FROM turnout.rejected_interactions
     WHERE endsWith(site_id, {site:String}) ORDER BY name`,
    { site: `-${order}` },
  );

test.each(CASES)('%s', async (what, blocks, counted) => {
  const order = `order-${CASES.findIndex(([name]) => name === what)}`;
  const told = blocks.flat().map(({ name }) => name);

  for (const block of blocks) {
    const { intake, store, close } = await aStoringCollector(await aFolder(), database(), { idsAQuery: 2 });
    await intake.take(block.map((line) => asEntry(line, 'site', order)));
    await store();
    await close();
  }

  const rows = await database().query<{ name: string }>(
    'SELECT name FROM turnout.interactions WHERE endsWith(site_id, {site:String}) ORDER BY name',
    { site: `-${order}` },
  );
  expect(rows.map(({ name }) => name).join('')).toBe(counted);
  // Nothing leaves without a word, but a line that is there already.
  const isDuplicate = blocks.flat().some(({ id }) => id === A);
  const left = isDuplicate ? [] : told.filter((name) => !counted.includes(name ?? ''));
  expect((await rejectedOf(order)).map(({ code, name }) => ({ code, name }))).toEqual(
    left.map((name) => ({ code: 'conflict', name })),
  );
});

test('an order that two told of in the same moment stays theirs, and no third one joins', async () => {
  const [first, second] = await Promise.all(
    [0, 1].map(async () => aStoringCollector(await aFolder(), database())),
  );
  // What two collectors store that looked before the other stored.
  for (const line of [page('a'), shop('b')]) {
    const { json } = asEntry(line, 'site', 'raced');
    const row = `${json.slice(0, -1)},"batch":"${randomUUID()}"}\n`;
    await database().insertBlock('turnout.interactions', randomUUID(), Buffer.from(row));
  }

  await first?.intake.take(
    [page('c'), { ...page('d'), sdk: 'segment/1' }].map((it) => asEntry(it, 'site', 'raced')),
  );
  await second?.intake.take([asEntry(shop('e'), 'site', 'raced')]);
  await first?.store();
  await second?.store();

  const rejected = await rejectedOf('raced');
  expect(rejected.map(({ name }) => name)).toEqual(['d']);
  expect(rejected[0]?.message).toMatch(/^("js", "ingest"|"ingest", "js") reported this order first/);
  expect(first?.inserted).toEqual([{ rows: 1, duplicates: 1, refused: 0 }]);
  expect(second?.inserted).toEqual([{ rows: 1, duplicates: 0, refused: 0 }]);
});

test('keeps a line of whom the order belongs to, though another told of it before a restart', async () => {
  const order = 'order-restarted';
  const folder = await aFolder();
  const before = await aStoringCollector(folder, database());
  await before.intake.take([asEntry(shop('a'), 'site', order)]);
  await before.store();
  await before.close();
  const interrupted = await aStoringCollector(folder, database());
  await interrupted.intake.take([asEntry(page('b', { id: A }), 'site', order)]);
  await interrupted.close();

  const after = await aStoringCollector(folder, database());
  await after.intake.take([asEntry(shop('c', { id: A }), 'site', order)]);
  await after.store();

  const rows = await database().query<{ name: string }>(
    `SELECT name FROM turnout.interactions WHERE endsWith(site_id, '-${order}') ORDER BY name`,
  );
  expect(rows).toEqual([{ name: 'a' }, { name: 'c' }]);
});
