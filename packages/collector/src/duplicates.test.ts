import { expect, test } from 'vitest';
import { findStored } from './duplicates.ts';
import { soughtIn } from './sought.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aRow } from './testing/rows.ts';

const sought = (row: ReturnType<typeof aRow>) =>
  soughtIn({ key: `${row.site_id}/${row.id}`, json: Buffer.from(JSON.stringify(row)) });

const { database } = anEngineForThisFile();

test('finds what is stored by what cannot have changed since', async () => {
  const click = aRow({ visitor_id: 'v1' });
  const cookieless = aRow();
  const checkout = aRow({ type: 'checkout_start', order_id: 'A-1', visitor_id: 'v1' });
  const purchase = aRow({ type: 'purchase', order_id: 'A-1' });
  const message = aRow({ type: 'custom', name: 'Signed Up', sdk: 'segment:analytics.js/1' });
  const scan = aRow({ type: 'attendance', sdk: 'ingest' });
  const stored = [click, cookieless, checkout, purchase, message, scan];
  for (const row of stored)
    await database().command(`INSERT INTO turnout.interactions FORMAT JSONEachRow ${JSON.stringify(row)}`);
  const found = async (...rows: (typeof click)[]) =>
    [...(await findStored(database(), rows.map(sought)))].sort();
  const keysOf = (...rows: (typeof click)[]) => rows.map(({ site_id, id }) => `${site_id}/${id}`).sort();

  expect(await found(...stored, aRow(), aRow({ order_id: 'A-1' }))).toEqual(keysOf(...stored));
  // Another person: the order is one all the same, and so is the message of who signed in since, and what comes again
  // without cookies from another address.
  const ofAnother = stored.map((row) => ({ ...row, user_key: '18' }));
  expect(await found(...ofAnother)).toEqual(keysOf(cookieless, purchase, message, scan));
  // Another day: what an order or the key of a back end names.
  const id_day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  expect(await found(...ofAnother.map((row) => ({ ...row, id_day })))).toEqual(keysOf(purchase, scan));
});

test('finds on the two days before what says no time of its own', async () => {
  const sent = { type: 'custom', name: 'Signed Up', sdk: 'segment:http/1' } as const;
  const [untimed, timed] = [aRow(sent), aRow({ ...sent, occurred_at: '2026-01-01 00:00:00.000' })];
  for (const row of [untimed, timed])
    await database().command(`INSERT INTO turnout.interactions FORMAT JSONEachRow ${JSON.stringify(row)}`);
  const foundAfter = async (days: number, row: typeof untimed) => {
    const id_day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    return [...(await findStored(database(), [sought({ ...row, id_day })]))];
  };

  for (const days of [0, 1, 2]) expect(await foundAfter(days, untimed)).toEqual([`demo/${untimed.id}`]);
  expect(await foundAfter(3, untimed)).toEqual([]);
  expect(await foundAfter(0, timed)).toEqual([`demo/${timed.id}`]);
  expect(await foundAfter(1, timed)).toEqual([]);
});
