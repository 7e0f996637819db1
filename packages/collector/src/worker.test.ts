import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { entriesOf, messagesOf } from './edge/messages.ts';
import { WHOLE_SITE } from './privacy/site-removal.ts';
import { aDatabaseProxy } from './testing/database-proxy.ts';
import { anEdgeWorker } from './testing/edge-worker.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { anEntry, aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';

// A queue waits longer before each further attempt.
vi.setConfig({ testTimeout: 60_000 });

const { engine, database } = anEngineForThisFile();

interface Settings {
  bindings?: Record<string, string>;
  /** What is set for its one write key. */
  limits?: object;
  addressLimit?: number;
  storage?: string;
}

async function aWorker({ bindings = {}, limits = {}, ...more }: Settings = {}) {
  const proxy = await aDatabaseProxy(() => engine().url());
  // A site of its own, so that each test counts its own rows.
  const site = `s${randomUUID().slice(0, 8)}`;
  const key = `wk_${site}`;
  const settings = {
    ...more,
    clickhouseUrl: `http://turnout:${engine().password}@${new URL(proxy.url).host}`,
    sites: [
      {
        id: site,
        time_zone: 'Europe/London',
        currency: 'GBP',
        write_keys: [{ key, ...limits }],
        secret_keys: [`sk_${site}_0123456789abcdef`],
        origins: ['https://venue.example'],
      },
    ],
    bindings,
  };
  let running = await anEdgeWorker(settings);
  const { url, deliver } = running;
  onTestFinished(() => running.miniflare.dispose());
  /** Another process with the same settings and storage: all that was in memory is gone. */
  const restart = async () => {
    await running.miniflare.dispose();
    running = await anEdgeWorker(settings);
    return running;
  };
  const post = async (batch: object, { attempt = 0, headers = {} } = {}) =>
    fetch(`${url}/v1/interactions?key=${key}&attempt=${attempt}&sent_at=${Date.now()}`, {
      method: 'POST',
      headers: { 'User-Agent': CHROME, ...headers },
      body: JSON.stringify(batch),
    });
  const rows = <Row>(columns: string) =>
    database().query<Row>(`SELECT ${columns} FROM turnout.interactions WHERE site_id = {site:String}`, {
      site,
    });
  const counted = async () => {
    const [raw] = await rows<{ raw: number }>('toInt32(count()) AS raw');
    const [rollup] = await database().query<{ clicks: number }>(
      `SELECT toInt32(sum(clicks)) AS clicks FROM turnout.event_daily WHERE site_id = {site:String}`,
      { site },
    );
    return { raw: raw?.raw, clicks: rollup?.clicks };
  };
  return { url, site, key, deliver, proxy, post, rows, counted, restart };
}

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const aClick = (more: object = {}) => ({
  id: randomUUID(),
  type: 'click',
  occurred_at: Date.now(),
  entity_type: 'event',
  entity_id: 'night-tide',
  ...more,
});

const aBatch = (interactions: object[], more: object = {}) => ({
  batch_id: randomUUID(),
  sdk: 'js/0.1.0',
  visitor_id: 'visitor-1',
  session_id: 'session-1',
  interactions,
  ...more,
});

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

test('counts once what is sent again, by whatever attempt', async () => {
  const { post, counted } = await aWorker();
  const batch = aBatch([aClick(), aClick(), aClick()]);

  for (const attempt of [0, 0, 1, 2]) expect((await post(batch, { attempt })).status).toBe(202);
  await post(aBatch([aClick()]));

  await expect.poll(counted, PATIENTLY).toEqual({ raw: 4, clicks: 4 });
  await expectVerified();
});

test.each([
  ['refuses inserts', { code: 202, message: 'Too many simultaneous queries' }],
  ['is down', 'down'],
  ['stores and loses the answer', 'mute'],
] as const)('loses and doubles nothing while the database %s', async (_name, fault) => {
  const { url, post, proxy, counted } = await aWorker();
  const blocks = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { checks: { blocks: string } }).checks.blocks;
  proxy.setFault(fault);
  const batches = Array.from({ length: 5 }, () => aBatch([aClick(), aClick()]));

  for (const batch of batches) expect((await post(batch)).status).toBe(202);
  if (fault !== 'down') await expect.poll(blocks, PATIENTLY).not.toBe('ok');
  for (const batch of batches) expect((await post(batch, { attempt: 1 })).status).toBe(202);
  proxy.setFault('none');

  await expect.poll(counted, PATIENTLY).toEqual({ raw: 10, clicks: 10 });
  await expect.poll(blocks, PATIENTLY).toBe('ok');
  await expectVerified();
});

test('stores a delivery once, however the queue repeats and groups it', async () => {
  const { site, deliver, counted, proxy } = await aWorker();
  const bodies = messagesOf(Array.from({ length: 6 }, () => anEntry(aRow({ site_id: site }))));
  const entries = entriesOf(bodies[0]);
  const messages = entries.map((entry, index) => ({
    id: `message-${index}`,
    body: messagesOf([entry])[0] as string,
  }));
  const part = (from: number, to: number) => deliver(messages.slice(from, to));

  const first = await part(0, 3);
  // At the same moment, overlapping, and again as a whole.
  await Promise.all([part(2, 5), part(0, 4), part(4, 6)]);
  await part(0, 6);

  expect(first).toMatchObject({ outcome: 'ok', explicitAcks: ['message-0', 'message-1', 'message-2'] });
  expect(await counted()).toEqual({ raw: 6, clicks: 6 });
  // The first three in one block, the rest in at most three more; nothing is written for what is stored.
  expect(proxy.blocks.length).toBeLessThanOrEqual(4);
  await expectVerified();
});

test('carries a block that was begun to its end, as the same block under the same token', async () => {
  const { site, deliver, counted, proxy } = await aWorker();
  const messages = Array.from({ length: 4 }, (_, index) => ({
    id: `message-${index}`,
    body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string,
  }));
  proxy.setFault('mute');

  const cutOff = await deliver(messages.slice(0, 3));
  proxy.setFault('none');
  // Another grouping: one of the three, and one that is new.
  const next = await deliver(messages.slice(2));

  expect(cutOff).toMatchObject({ outcome: 'ok', explicitAcks: [] });
  expect(cutOff.retryMessages).toHaveLength(3);
  expect(next).toMatchObject({ explicitAcks: ['message-2', 'message-3'] });
  const [begun, again, fresh, ...others] = proxy.blocks;
  expect(again?.body).toBe(begun?.body);
  expect(tokenOf(again)).toBe(tokenOf(begun));
  expect(fresh?.body.trim().split('\n')).toHaveLength(1);
  expect(tokenOf(fresh)).not.toBe(tokenOf(begun));
  expect(others).toEqual([]);
  expect(await counted()).toEqual({ raw: 4, clicks: 4 });
  await expectVerified();
});

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

test('keeps out what was recorded of a person before they were erased, also when it waits in the queue', async () => {
  const { site, deliver, counted } = await aWorker();
  const [erased, other] = [
    aRow({ site_id: site, user_key: '4711' }),
    aRow({ site_id: site, user_key: '4712' }),
  ];
  const [body = ''] = messagesOf([anEntry(erased), anEntry(other)]);
  await database().command(
    `INSERT INTO turnout.erasures VALUES (generateUUIDv4(), '${site}', 4711, now64(3) + INTERVAL 1 SECOND)`,
  );

  await deliver([{ id: 'm', body }]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
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
    `INSERT INTO turnout.erasures VALUES (generateUUIDv4(), '${site}', ${WHOLE_SITE}, now64(3) - INTERVAL 30 SECOND)`,
  );

  await deliver([{ id: 'm', body }]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  const [other] = await database().query<{ rows: number }>(
    `SELECT toInt32(count()) AS rows FROM turnout.interactions WHERE site_id = '${site}-other'`,
  );
  expect(other).toEqual({ rows: 1 });
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

test('a writer that is moved in the middle of a block finds it again, and stores nothing twice', async () => {
  const { site, deliver, counted, proxy, restart } = await aWorker({ storage: await aFolder() });
  const messages = Array.from({ length: 4 }, (_, index) => ({
    id: `message-${index}`,
    body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string,
  }));
  await deliver(messages.slice(0, 1));
  // The database has the block, and the writer never heard so.
  proxy.setFault('mute');
  expect(await deliver(messages.slice(0, 3))).toMatchObject({ explicitAcks: [] });
  proxy.setFault('none');

  const { deliver: deliverAgain } = await restart();
  const again = await deliverAgain(messages.slice(1));

  expect(again).toMatchObject({ explicitAcks: ['message-1', 'message-2', 'message-3'] });
  expect(await counted()).toEqual({ raw: 4, clicks: 4 });
  const [, begun, carriedOn] = proxy.blocks;
  expect(carriedOn?.body).toBe(begun?.body);
  expect(tokenOf(carriedOn)).toBe(tokenOf(begun));
  await expectVerified();
});

test('a writer that is moved before it has stored anything loses nothing of what the queue kept', async () => {
  const { site, deliver, counted, proxy, restart } = await aWorker({ storage: await aFolder() });
  const messages = [{ id: 'm', body: messagesOf([anEntry(aRow({ site_id: site }))])[0] as string }];
  proxy.setFault('down');
  expect(await deliver(messages)).toMatchObject({ explicitAcks: [] });
  proxy.setFault('none');

  const { deliver: deliverAgain } = await restart();
  await Promise.all([deliverAgain(messages), deliverAgain(messages)]);

  expect(await counted()).toEqual({ raw: 1, clicks: 1 });
  await expectVerified();
});

test('holds the rate of a write key', async () => {
  const { post } = await aWorker({ limits: { rate: 2, name: 'box office' } });

  const answers = await Promise.all(Array.from({ length: 12 }, () => post(aBatch([aClick()]))));

  const refused = answers.filter(({ status }) => status === 429);
  // However slow this machine is, twelve requests at once do not take six seconds.
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(1);
  expect(refused[0]?.headers.get('Retry-After')).toBe('1');
  expect(await refused[0]?.json()).toMatchObject({ error: { code: 'key_rate' } });
});

test('holds the quota of a write key, also after its counter was moved', async () => {
  const { post, counted, key, restart } = await aWorker({
    limits: { daily_quota: 10 },
    storage: await aFolder(),
  });

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(aBatch([aClick(), aClick(), aClick(), aClick()]))),
  );
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 12, clicks: 12 });
  const { url } = await restart();
  const late = await fetch(`${url}/v1/interactions?key=${key}`, {
    method: 'POST',
    body: JSON.stringify(aBatch([aClick()])),
  });

  expect(late.status).toBe(429);
  expect(await late.json()).toMatchObject({ error: { code: 'key_quota' } });
});

test('limits networks where the platform was asked to count them', async () => {
  const { post } = await aWorker({ addressLimit: 3 });
  const from = (address: string) => post(aBatch([aClick()]), { headers: { 'CF-Connecting-IP': address } });

  const answers = [];
  // Of one network: the last number of an address is not looked at.
  for (let host = 1; host <= 4; host += 1) answers.push((await from(`203.0.113.${host}`)).status);

  expect(answers).toEqual([202, 202, 202, 429]);
  expect((await from('198.51.100.1')).status).toBe(202);
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

const PATIENTLY = { timeout: 60_000 };

const tokenOf = (block: { address: string } | undefined) =>
  new URL(block?.address ?? '', 'http://proxy').searchParams.get('insert_deduplication_token');

async function expectVerified(): Promise<void> {
  const { ok, differences, duplicates } = await verify(database());
  expect({ ok, differences, duplicates }).toEqual({ ok: true, differences: [], duplicates: 0 });
}
