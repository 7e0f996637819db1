import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, test } from 'vitest';
import { aBatch, aClick, aWorker, database, PATIENTLY } from './worker.test-helper.ts';

test('stores what is posted to the worker, to the column, and keeps what it rejects', async () => {
  const { site, post, rows } = await aWorker();
  const click = aClick({ position: 3, surface: 'feed', props: { feed_tab: 'events' } });

  const response = await post(aBatch([click, { ...aClick(), type: 'nonsense' }]));

  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({
    accepted: 1,
    rejected: [{ index: 1, code: 'unknown_type' }],
  });
  const columns =
    'toString(id) AS id, type, entity_id, position, surface, browser, visitor_id, props.feed_tab AS tab';
  await expect
    .poll(() => rows(columns), PATIENTLY)
    .toEqual([
      {
        id: click.id,
        type: 'click',
        entity_id: 'night-tide',
        position: 3,
        surface: 'feed',
        browser: 'Chrome',
        visitor_id: 'visitor-1',
        tab: 'events',
      },
    ]);
  const rejected = () =>
    database().query('SELECT code FROM turnout.rejected_interactions WHERE site_id = {site:String}', {
      site,
    });
  await expect.poll(rejected, PATIENTLY).toEqual([{ code: 'unknown_type' }]);
});

test('knows people and events: facts travel through the queue, and rows are stamped with them', async () => {
  const { url, site, post, rows } = await aWorker();
  const put = await fetch(`${url}/v1/catalog`, {
    method: 'PUT',
    headers: { Authorization: `Bearer sk_${site}_0123456789abcdef` },
    body: JSON.stringify({ entity_type: 'event', entity_id: 'night-tide', artist_id: 'a-1', genre: 'jazz' }),
  });
  const people = () =>
    database().query(
      'SELECT gender, city, birth_year FROM turnout.people FINAL WHERE site_id = {site:String}',
      { site },
    );
  const identify = (props: object) =>
    post(
      aBatch([{ id: randomUUID(), type: 'identify', occurred_at: Date.now(), props }], { user_id: 'u-1' }),
    );
  const events = () =>
    database().query('SELECT entity_id FROM turnout.entities FINAL WHERE site_id = {site:String}', { site });

  expect(await put.json()).toEqual({ accepted: 1, rejected: [] });
  await expect.poll(events, PATIENTLY).toHaveLength(1);
  await identify({ gender: 'female' });
  await expect.poll(people, PATIENTLY).toHaveLength(1);
  // It adds to what is known, although no worker remembers that.
  await identify({ city: 'Leeds' });
  await expect.poll(people, PATIENTLY).toEqual([{ gender: 'female', city: 'Leeds', birth_year: null }]);
  await post(aBatch([aClick()], { user_id: 'u-1' }));

  const stamped = () => rows('artist_id, genre, gender, city, type');
  await expect
    .poll(
      async () => (await stamped()).filter((row) => (row as { type: string }).type === 'click'),
      PATIENTLY,
    )
    .toEqual([{ artist_id: 'a-1', genre: 'jazz', gender: 'female', city: 'Leeds', type: 'click' }]);
  const links = await database().query(
    'SELECT toInt32(count()) AS links FROM turnout.identity_links FINAL WHERE site_id = {site:String}',
    { site },
  );
  expect(links).toEqual([{ links: 1 }]);
});

test('knows a visitor without cookies for a day, by a salt that the writer keeps', async () => {
  const { post, rows } = await aWorker();
  const { visitor_id: _, session_id: __, ...batch } = aBatch([aClick()]);
  const from = (address: string) =>
    post(
      { ...batch, batch_id: randomUUID(), cookieless: true, interactions: [aClick()] },
      { headers: { 'CF-Connecting-IP': address } },
    );

  for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
    expect((await from(address)).status).toBe(202);

  const visits = () =>
    rows('toInt32(count()) AS clicks, toInt32(uniqExact(user_key)) AS people, any(visitor_id) AS id');
  await expect.poll(visits, PATIENTLY).toEqual([{ clicks: 3, people: 2, id: '' }]);
  // Raw is written before its rollups are.
  await expect.poll(async () => (await verify(database())).ok, PATIENTLY).toBe(true);
});

test('serves the script, refuses a wrong key, and says how it is', async () => {
  const { url } = await aWorker();

  const script = await fetch(`${url}/t.js`);
  const refused = await fetch(`${url}/v1/interactions?key=wk_nobody`, { method: 'POST', body: '{}' });
  const ready = await fetch(`${url}/readyz`);
  const again = await fetch(`${url}/t.js`, {
    headers: { 'If-None-Match': script.headers.get('ETag') ?? '' },
  });

  expect(script.headers.get('Content-Type')).toContain('text/javascript');
  expect(await script.text()).toContain('/v1/interactions');
  expect(again.status).toBe(304);
  expect(refused.status).toBe(401);
  expect(await ready.json()).toEqual({
    ready: true,
    checks: { database: 'ok', blocks: 'ok', rollups: 'ok' },
  });
});

test('takes nothing while a setting is missing', async () => {
  const { url, post } = await aWorker({ bindings: { TURNOUT_SECRET: 'short' } });

  const response = await post(aBatch([aClick()]));

  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('60');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});

test('flags a browser whose one batch is faster than any person', async () => {
  const { post, rows } = await aWorker();
  const now = Date.now();

  await post(aBatch(Array.from({ length: 120 }, (_, at) => aClick({ occurred_at: now - 5_000 + at * 20 }))));
  await post(aBatch([aClick()], { visitor_id: 'somebody else', session_id: 'another' }));

  await expect
    .poll(() => rows('toInt32(count()) AS rows, toInt32(sum(is_bot)) AS bots'), PATIENTLY)
    .toEqual([{ rows: 121, bots: 120 }]);
});

test('says what the writer has stored to who has a token, by the names of every collector', async () => {
  const { url, site, post, counted } = await aWorker({
    bindings: { TURNOUT_METRICS_TOKEN: 'only for the figures' },
  });
  const figures = (token: string) =>
    fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
  const batch = aBatch([aClick(), aClick(), { ...aClick(), type: 'nonsense' }]);
  await post(batch);
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 2, clicks: 2 });
  await post(batch, { attempt: 1 });

  await expect
    .poll(async () => (await (await figures('only for the figures')).text()).split('\n'), PATIENTLY)
    .toEqual(
      expect.arrayContaining([
        `turnout_accepted_total{site="${site}"} 4`,
        'turnout_rejected_total{code="unknown_type"} 2',
        'turnout_duplicates_total 2',
        'turnout_inserted_rows_total 4',
        'turnout_insert_failures_total 0',
        'turnout_blocks_waiting 0',
      ]),
    );
  expect((await figures('guessed')).status).toBe(401);
});
