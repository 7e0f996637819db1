import { expect, test } from 'vitest';
import { openDisk } from '../log/disk.ts';
import type { LogRecord } from '../log/record.ts';
import { aRow } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';
import { type Erasure, openTombstones } from './tombstones.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const [BEFORE, AFTER] = ['2026-03-01 11:59:59.000', '2026-03-01 12:00:01.000'];

const anErasure = (erasure: Partial<Erasure> = {}): Erasure => ({
  id: 'first',
  site_id: 'demo',
  at: AT,
  user_keys: ['17'],
  ids: [],
  isDone: true,
  ...erasure,
});

const aRecord = (kind: LogRecord['kind'], row: object): LogRecord => ({
  kind,
  key: 'demo/x',
  json: Buffer.from(JSON.stringify(row)),
});

test('refuses what was recorded or received before, of that person on that site', async () => {
  const tombstones = await openTombstones(await openDisk(await aFolder()));
  await tombstones.write(anErasure());
  const isErased = (row: Parameters<typeof aRow>[0]) =>
    tombstones.isErased(aRecord('i', aRow({ ts: AFTER, received_at: AFTER, ...row })), { isPlanned: false });

  expect(isErased({ ts: BEFORE })).toBe(true);
  expect(isErased({ received_at: BEFORE })).toBe(true);
  expect(isErased({})).toBe(false);
  expect(isErased({ ts: BEFORE, user_key: '18' })).toBe(false);
  // What a page says in its props is no key of ours.
  expect(isErased({ ts: BEFORE, user_key: '18', name: '"user_key":"17"', props: { user_key: '17' } })).toBe(
    false,
  );
  const link = { site_id: 'demo', visitor_key: '17', user_key: '18', linked_at: BEFORE };
  expect(tombstones.isErased(aRecord('l', link), { isPlanned: true })).toBe(true);
  expect(tombstones.covers('other', '17', { ts: BEFORE })).toBe(false);
});

test('lets what was planned go on while an erasure is under way, and no longer when it is done', async () => {
  const disk = await openDisk(await aFolder());
  const tombstones = await openTombstones(disk);
  const record = aRecord('i', aRow({ ts: BEFORE, received_at: BEFORE }));
  await tombstones.write(anErasure({ isDone: false }));

  expect(tombstones.isErased(record, { isPlanned: true })).toBe(false);
  expect(tombstones.isErased(record, { isPlanned: false })).toBe(true);
  expect(tombstones.pending()).toHaveLength(1);
  await tombstones.write(anErasure());

  const reopened = await openTombstones(disk);
  expect(reopened.isErased(record, { isPlanned: true })).toBe(true);
  expect(reopened.pending()).toEqual([]);
});

test('takes the later of two erasures, whoever did them', async () => {
  const tombstones = await openTombstones(await openDisk(await aFolder()));
  tombstones.learn([{ site_id: 'demo', user_key: '17', at: AT }]);
  tombstones.learn([{ site_id: 'demo', user_key: '17', at: AT - 10_000 }]);

  expect(tombstones.covers('demo', '17', { ts: BEFORE })).toBe(true);
  expect(tombstones.knows('demo', '17', AT)).toBe(true);
  expect(tombstones.knows('demo', '17', AT + 1)).toBe(false);
});
