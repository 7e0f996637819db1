import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createCatalog } from './catalog.ts';
import { createIntake, type LogEntry } from './intake.ts';
import { createKnowledge } from './knowledge.ts';
import { readConfig, startCollector } from './node.ts';
import { createRecent } from './recent.ts';
import { demoSite } from './sites.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A whole collector that uses the engine of this file as a server. */
async function aCollector() {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_SECRET: 'the same for all collectors of this file',
      TURNOUT_ADMIN_TOKEN: 'the token',
      TURNOUT_COUNTRY_HEADER: 'cf-ipcountry',
      TURNOUT_CITY_HEADER: 'cf-ipcity',
    },
  );
  const collector = await startCollector(config, { log: { info() {}, warn() {}, error() {} } });
  onTestFinished(collector.close);
  return {
    async put(body: string, token = 'the token') {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(`${collector.url}/v1/catalog`, { method: 'PUT', headers, body });
      return {
        status: response.status,
        answer: (await response.json()) as { accepted: number; rejected: object[] },
      };
    },
    async post(userId: string, interaction: object, headers: Record<string, string> = {}) {
      const id = randomUUID();
      const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          batch_id: randomUUID(),
          session_id: '019b7706-0000-7000-8000-000000000001',
          user_id: userId,
          interactions: [
            { id, type: 'click', occurred_at: Date.now(), entity_type: 'event', ...interaction },
          ],
        }),
      });
      expect(await response.json()).toMatchObject({ accepted: 1 });
      return untilStored(id);
    },
  };
}

async function untilStored(id: string) {
  const read = () =>
    database().query<Record<string, string>>(
      `SELECT city, country, gender, age_band, artist_id, venue_id, genre, toString(event_date) AS event_date, toString(price_min) AS price_min
       FROM turnout.interactions WHERE id = '${id}'`,
    );
  await expect.poll(read, { timeout: 60_000 }).toHaveLength(1);
  return (await read())[0];
}

test('lines are taken one by one, each bad one is named, and the same again changes nothing', async () => {
  const { put } = await aCollector();
  const body = [
    '{"entity_type":"event","entity_id":"e 1","name":"Jazz","venue_id":"v1","starts_on":"2026-12-01","price_min":12.5,"version":7}',
    'nonsense',
    '{"entity_type":"event","entity_id":"e2","price_min":-1}',
    '{"user_id":"anna","birth_year":1990,"gender":"f","country":"US"}',
    '{"entity_type":"venue","entity_id":42,"nmae":"Hall"}',
  ].join('\n');

  const first = await put(body);
  const second = await put(body);

  expect(first).toMatchObject({
    status: 200,
    answer: {
      accepted: 2,
      rejected: [
        { line: 2, code: 'not_json' },
        { line: 3, code: 'invalid', message: expect.stringContaining('price_min') },
        { line: 5, code: 'invalid', message: expect.stringContaining('nmae') },
      ],
    },
  });
  expect(second).toEqual(first);
  const known = () =>
    database().query('SELECT entity_id, name, toString(version) AS version FROM turnout.entities FINAL');
  await expect.poll(known, { timeout: 60_000 }).toEqual([{ entity_id: 'e 1', name: 'Jazz', version: '7' }]);
  expect(await put('[{"entity_type":"artist","entity_id":"a1","name":"Nina"}]')).toMatchObject({
    answer: { accepted: 1, rejected: [] },
  });
  expect(await put('{}', 'another token')).toMatchObject({ status: 401 });
});

test('of lines about one thing in one moment the last counts, in the table as in memory', async () => {
  const entries: LogEntry[] = [];
  const known = createKnowledge();
  const intake = createIntake({ append: async (some) => void entries.push(...some) }, createRecent());
  const catalog = createCatalog({
    token: 'the token',
    sites: () => [demoSite],
    learning: { known, facts: intake, visitorKey: () => '1' },
    make: { person: () => '17', visitor: () => '1' },
    now: () => 1_700_000_000_000,
  });
  const line = (genre: string) => ({ entity_type: 'event', entity_id: 'twice', genre });

  const response = await catalog.request('/v1/catalog', {
    method: 'PUT',
    headers: { Authorization: 'Bearer the token' },
    body: JSON.stringify([line('soul'), line('jazz'), line('soul')]),
  });

  expect(await response.json()).toEqual({ accepted: 3, rejected: [] });
  expect(known.event('demo', 'twice')).toEqual({ genre: 'soul' });
  const block = Buffer.from(entries.map(({ json }) => `${json}\n`).join(''));
  await database().insertBlock('turnout.entities', randomUUID(), block);
  expect(
    await database().query(
      "SELECT toString(genre) AS genre FROM turnout.entities FINAL WHERE entity_id = 'twice'",
    ),
  ).toEqual([{ genre: 'soul' }]);
});

test('a line of an older version changes nothing, in the table as in memory', async () => {
  const entries: LogEntry[] = [];
  const known = createKnowledge();
  const intake = createIntake({ append: async (some) => void entries.push(...some) }, createRecent());
  const catalog = createCatalog({
    token: 'the token',
    sites: () => [demoSite],
    learning: { known, facts: intake, visitorKey: () => '1' },
    make: { person: () => '18', visitor: () => '1' },
  });
  const put = (lines: object[]) =>
    catalog.request('/v1/catalog', {
      method: 'PUT',
      headers: { Authorization: 'Bearer the token' },
      body: JSON.stringify(lines),
    });
  const event = { entity_type: 'event', entity_id: 'moved' };
  const gone = { entity_type: 'event', entity_id: 'cancelled' };

  // As a queue of a back end tells it that delivers out of order.
  await put([
    { ...event, version: 10, venue_id: 'arena' },
    { ...gone, version: 10, deleted: true },
  ]);
  await put([
    { ...event, version: 9, venue_id: 'hall' },
    { ...gone, version: 9, venue_id: 'hall' },
    { user_id: 'ann', version: 10, city: 'York' },
    { user_id: 'ann', version: 9, city: 'Leeds' },
  ]);

  expect(known.event('demo', 'moved')).toEqual({ venue_id: 'arena' });
  expect(known.event('demo', 'cancelled')).toBeUndefined();
  expect(known.person('demo', '18')).toEqual({ city: 'York' });
  for (const [kind, table] of [
    ['e', 'turnout.entities'],
    ['p', 'turnout.people'],
  ] as const) {
    const rows = entries.filter((entry) => entry.kind === kind).map(({ json }) => `${json}\n`);
    await database().insertBlock(table, randomUUID(), Buffer.from(rows.join('')));
  }
  expect(
    await database().query(
      `SELECT entity_id, venue_id, toString(deleted) AS deleted FROM turnout.entities FINAL
       WHERE entity_id IN ('moved', 'cancelled') ORDER BY entity_id`,
    ),
  ).toEqual([
    { entity_id: 'cancelled', venue_id: '', deleted: '1' },
    { entity_id: 'moved', venue_id: 'arena', deleted: '0' },
  ]);
  expect(await database().query('SELECT city FROM turnout.people FINAL WHERE user_key = 18')).toEqual([
    { city: 'York' },
  ]);
});

test('what is said again of a person is news, because something else stood between', async () => {
  const stored: string[] = [];
  const intake = createIntake(
    { append: async (entries) => void stored.push(...entries.map(({ json }) => JSON.parse(json).city)) },
    createRecent(),
  );
  const catalog = createCatalog({
    token: 'the token',
    sites: () => [demoSite],
    learning: { known: createKnowledge(), facts: intake, visitorKey: () => '1' },
    make: { person: () => '17', visitor: () => '1' },
    now: () => Date.now() + stored.length,
  });

  for (const city of ['Leeds', 'York', 'Leeds'])
    await catalog.request('/v1/catalog', {
      method: 'PUT',
      headers: { Authorization: 'Bearer the token' },
      body: JSON.stringify({ user_id: 'u1', city }),
    });

  expect(stored).toEqual(['Leeds', 'York', 'Leeds']);
});

test('rows carry what the catalogue, the person and the network say, and what was sent wins', async () => {
  const { put, post } = await aCollector();
  await put(
    [
      {
        entity_type: 'event',
        entity_id: 'gig',
        artist_id: 'a1',
        venue_id: 'v1',
        genre: 'jazz',
        starts_on: '2026-12-01',
        price_min: 12.5,
      },
      { user_id: 'anna', birth_year: new Date().getUTCFullYear() - 30, gender: 'woman', city: 'Austin' },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  );
  const network = { 'cf-ipcountry': 'de', 'cf-ipcity': 'M%C3%BCnchen' };

  const anna = await post('anna', { entity_id: 'gig', props: { genre: 'blues' } }, network);
  const stranger = await post('zoe', { entity_id: 'unheard-of' }, network);
  const told = await post(
    'carl',
    { type: 'identify', entity_id: 'gig', props: { age: 17, gender: 'm', country: 'us' } },
    network,
  );

  expect(anna).toEqual({
    city: 'Austin',
    country: '',
    gender: 'female',
    age_band: '25-34',
    artist_id: 'a1',
    venue_id: 'v1',
    genre: 'blues',
    event_date: '2026-12-01',
    price_min: '12.5',
  });
  expect(stranger).toMatchObject({ city: 'München', country: 'DE', gender: '', age_band: '', artist_id: '' });
  expect(told).toMatchObject({ city: '', country: 'US', gender: 'male', age_band: '0-17' });
});

test('a name in props is learned, and never takes the place of one in the catalogue', async () => {
  const { put, post } = await aCollector();
  await put('{"entity_type":"venue","entity_id":"v9","name":"The Hall","version":1}');

  await post('anna', {
    entity_id: 'e9',
    props: { venue_id: 'v9', venue_name: 'hall!!', artist_id: 'a9', artist_name: 'Nina' },
  });

  const names = () =>
    database().query(
      `SELECT entity_type, name FROM turnout.entities FINAL WHERE entity_id IN ('v9', 'a9') ORDER BY entity_type`,
    );
  await expect.poll(names, { timeout: 60_000 }).toEqual([
    { entity_type: 'artist', name: 'Nina' },
    { entity_type: 'venue', name: 'The Hall' },
  ]);
});

test('learns again what somebody was before, when they say so', async () => {
  const { post } = await aCollector();
  const cities = ['Leeds', 'York', 'Leeds'];

  for (const city of cities)
    await post('who moves back', { type: 'identify', entity_id: 'gig', props: { city } });
  await post('who moves back', { entity_id: 'gig' });

  const people = () =>
    database().query(
      `SELECT city FROM turnout.people FINAL WHERE user_key =
         (SELECT any(user_key) FROM turnout.interactions WHERE user_id = 'who moves back')`,
    );
  await expect.poll(people).toEqual([{ city: 'Leeds' }]);
});
