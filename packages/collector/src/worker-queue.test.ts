import { expect, test } from 'vitest';
import { messagesOf } from './edge/messages.ts';
import { WHOLE_SITE } from './privacy/site-removal.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aWorker, database, expectVerified } from './worker.test-helper.ts';

test('sets aside a row that the database refuses, and stores its neighbours', async () => {
  const { site, deliver, counted } = await aWorker();
  const good = anEntry(aRow({ site_id: site }));
  const bad = anEntry(aRow({ site_id: site, position: 'first' as unknown as number }));
  const [body = ''] = messagesOf([good, bad]);

  const delivered = await deliver([{ id: 'm', body }]);

  expect(delivered).toMatchObject({ explicitAcks: ['m'] });
  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  const refused = await database().query(
    'SELECT code FROM turnout.rejected_interactions WHERE site_id = {site:String}',
    { site },
  );
  expect(refused).toEqual([{ code: 'refused' }]);
  await expectVerified();
});

test('lets a message that is not its own go to the dead letters, and stores the others', async () => {
  const { site, deliver, counted } = await aWorker();
  const [body = ''] = messagesOf([anEntry(aRow({ site_id: site }))]);

  const delivered = await deliver([
    { id: 'strange', body: { not: 'ours' } },
    { id: 'own', body },
  ]);

  expect(delivered).toMatchObject({ explicitAcks: ['own'], retryMessages: [{ msgId: 'strange' }] });
  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  await expectVerified();
});

test('keeps out what was recorded of a person before they were erased, also when it waits in the queue', async () => {
  const { site, deliver, counted } = await aWorker();
  const [erased, other] = [
    aRow({ site_id: site, user_key: '4711' }),
    aRow({ site_id: site, user_key: '4712' }),
  ];
  const [body = ''] = messagesOf([anEntry(erased), anEntry(other)]);
  await database().command(
    `INSERT INTO turnout.erasures (erasure_id, site_id, user_key, at) VALUES (generateUUIDv4(), '${site}', 4711, now64(3) + INTERVAL 1 SECOND)`,
  );

  await deliver([{ id: 'm', body }]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  await expectVerified();
});

test('keeps out what waits in the queue of a site that was removed, and takes what came later under its name', async () => {
  const { site, deliver, counted } = await aWorker();
  const taken = (secondsAgo: number) =>
    new Date(Date.now() - secondsAgo * 1_000).toISOString().replace('T', ' ').slice(0, 23);
  const [body = ''] = messagesOf([
    anEntry(aRow({ site_id: site, received_at: taken(60) })),
    anEntry(aRow({ site_id: site, received_at: taken(0) })),
    anEntry(aRow({ site_id: `${site}-other`, received_at: taken(60) })),
  ]);
  await database().command(
    `INSERT INTO turnout.erasures (erasure_id, site_id, user_key, at) VALUES (generateUUIDv4(), '${site}', ${WHOLE_SITE}, now64(3) - INTERVAL 30 SECOND)`,
  );

  await deliver([{ id: 'm', body }]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  const [other] = await database().query<{ rows: number }>(
    `SELECT toInt32(count()) AS rows FROM turnout.interactions WHERE site_id = '${site}-other'`,
  );
  expect(other).toEqual({ rows: 1 });
  await expectVerified();
});
