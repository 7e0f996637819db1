import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';
import { SEGMENT_BATCHES, SEGMENT_CALLS } from './doors/segment/routes.ts';
import { RECORD_KINDS } from './doors/server/routes.ts';
import { readConfig, startCollector } from './node.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** Whoever may come, and what they show. All want something of the site "own". */
const CREDENTIALS = {
  nobody: '',
  'the demo key': 'wk_demo',
  'a revoked key': 'wk_own_revoked',
  'a used up key': 'wk_own_used_up',
  'its write key': 'wk_own',
  'the write key of another': 'wk_other',
  'its secret key': 'sk_own_3b1f0c6e9d7a4825b6c1d0e9',
  'the secret key of another': 'sk_other_b6c1d0e93b1f0c6e9d7a4825',
  'the digest of its secret key': '',
  'the metrics token': 'the metrics token',
  'the admin token': 'the admin token',
};
type Role = keyof typeof CREDENTIALS;
const ROLES = Object.keys(CREDENTIALS) as Role[];
const OWN_DIGEST = `sha256:${createHash('sha256').update(CREDENTIALS['its secret key']).digest('hex')}`;
CREDENTIALS['the digest of its secret key'] = OWN_DIGEST;

interface Door {
  /** Who gets in. With the key of another they get into that other site: the last test looks what they did there. */
  lets: Role[];
  query?: string;
  body?: (role: Role) => string;
  /** Where the used up key, which may come in, hears to come back tomorrow. */
  isLimited?: boolean;
}

const WRITERS: Role[] = ['its write key', 'the write key of another'];
const OWNERS: Role[] = ['its secret key', 'the admin token'];
const aBatch = (visitor: string) =>
  JSON.stringify({
    batch_id: randomUUID(),
    visitor_id: visitor,
    session_id: randomUUID(),
    interactions: [
      { id: randomUUID(), type: 'click', occurred_at: Date.now(), entity_type: 'event', entity_id: 'e1' },
    ],
  });
const ofNobody = () => JSON.stringify({ ids: ['nobody has this id'] });

const aMessage = (visitor: string) => ({
  type: 'track',
  event: 'Any',
  messageId: randomUUID(),
  anonymousId: visitor,
  previousId: visitor,
});
const SEGMENT_DOORS = Object.fromEntries(
  [...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES].flatMap((path): [string, Door][] => {
    const isBatch = (SEGMENT_BATCHES as readonly string[]).includes(path);
    const body = (role: Role) => JSON.stringify(isBatch ? { batch: [aMessage(role)] } : aMessage(role));
    return [
      [`POST ${path}`, { lets: WRITERS, body, isLimited: true }],
      [`OPTIONS ${path}`, { lets: ROLES }],
    ];
  }),
);
const aRecord = (role: Role) => ({ occurred_at: Date.now(), visitor_id: role, event_id: 'e1' });
const aServerDoor = (body: (role: Role) => object): Door => ({
  lets: OWNERS,
  query: 'site=own',
  body: (role) => JSON.stringify(body(role)),
});

/** Every route of the app. One that is not here fails the first test: say who may use it. */
const DOORS: Record<string, Door> = {
  'POST /v1/interactions': { lets: WRITERS, body: aBatch, isLimited: true },
  'OPTIONS /v1/interactions': { lets: ROLES },
  ...SEGMENT_DOORS,
  'GET /v1/projects/:key{[\\w-]{1,100}}/settings': { lets: ROLES },
  'POST /v1/ingest/sale': aServerDoor((role) => ({ ...aRecord(role), order_id: role, value: 1 })),
  'POST /v1/ingest/attendance': aServerDoor(aRecord),
  'POST /v1/ingest/revenue': aServerDoor((role) => ({ occurred_at: Date.now(), category: role, value: 1 })),
  'POST /v1/ingest/social': aServerDoor((role) => ({
    occurred_at: Date.now(),
    network: role,
    followers: 1,
    artist_id: 'a1',
  })),
  'GET /openapi.json': { lets: ROLES },
  'GET /docs': { lets: ROLES },
  'PUT /v1/catalog': {
    lets: OWNERS,
    query: 'site=own',
    body: (role) => JSON.stringify({ entity_type: 'event', entity_id: role, name: role }),
  },
  'GET /v1/query': { lets: OWNERS, query: 'site=own' },
  // Who gets in hears that there is no such view; what each view tells to whom is shown in query.test.ts.
  'GET /v1/query/:view': { lets: OWNERS, query: 'site=own' },
  'POST /v1/privacy/export': { lets: OWNERS, query: 'site=own', body: ofNobody },
  'POST /v1/privacy/erase': { lets: OWNERS, query: 'site=own', body: ofNobody },
  'POST /v1/admin/import': { lets: ['the admin token'], query: 'key=wk_own', body: aBatch },
  'POST /v1/admin/import-lines': {
    lets: ['the admin token'],
    query: 'key=wk_own',
    body: (role) =>
      JSON.stringify({ id: randomUUID(), type: 'click', occurred_at: Date.now(), visitor_id: role }),
  },
  'POST /v1/admin/tail': { lets: ['the admin token'] },
  'POST /v1/admin/verify': { lets: ['the admin token'] },
  // Not in the sites file, and without any data: both sites of this test stay.
  'POST /v1/admin/remove-site': { lets: ['the admin token'], query: 'site=gone' },
  // Who gets in hears that this is no absolute path.
  'POST /v1/admin/backup': { lets: ['the admin token'], query: 'to=here' },
  'POST /v1/admin/train': { lets: ['the admin token'] },
  'GET /metrics': { lets: ['the metrics token', 'the admin token'] },
  'GET /healthz': { lets: ROLES },
  'GET /readyz': { lets: ROLES },
  'GET /:file{t(-[\\w.-]+)?\\.js}': { lets: ROLES },
};

/** What requests pass on their way, and the answer to a wrong method. Nothing is behind them. */
const ON_THE_WAY = [
  'ALL /*',
  'ALL /v1/*',
  'ALL /v1/admin/*',
  'ALL /v1/interactions',
  ...[...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES].map((path) => `ALL ${path}`),
  ...Object.keys(RECORD_KINDS).map((kind) => `ALL /v1/ingest/${kind}`),
];

/** A whole collector for two sites, behind a proxy. */
async function aCollector() {
  const folder = await aFolder();
  const file = join(folder, 'sites.json');
  const site = { time_zone: 'UTC', currency: 'USD', origins: [] };
  await writeFile(
    file,
    JSON.stringify({
      sites: [
        {
          ...site,
          id: 'own',
          write_keys: [
            'wk_own',
            { key: 'wk_own_revoked', revoked: true },
            { key: 'wk_own_used_up', daily_quota: 1 },
          ],
          secret_keys: [OWN_DIGEST],
        },
        {
          ...site,
          id: 'other',
          write_keys: ['wk_other'],
          secret_keys: [CREDENTIALS['the secret key of another']],
        },
      ],
    }),
  );
  const config = readConfig(
    { port: '0', dataDir: folder },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${new URL(engine().url()).host}`,
      TURNOUT_SITES: file,
      TURNOUT_ADMIN_TOKEN: CREDENTIALS['the admin token'],
      TURNOUT_METRICS_TOKEN: CREDENTIALS['the metrics token'],
      TURNOUT_TRUSTED_PROXIES: '1',
    },
  );
  const routes = new Set<string>();
  const collector = await startCollector(config, {
    log: { info() {}, warn() {}, error() {} },
    extend: (app) => {
      for (const { method, path } of app.routes) routes.add(`${method} ${path}`);
    },
  });
  onTestFinished(collector.close);

  /** Shows what a role has in one of the ways that the app knows. */
  async function ask(
    route: string,
    way: 'key' | 'bearer' | 'basic',
    role: Role,
    { query = '', body }: Partial<Door> = {},
  ) {
    const [method = '', pattern = ''] = route.split(' ');
    const credential = CREDENTIALS[role];
    const shown = {
      bearer: `Bearer ${credential}`,
      basic: `Basic ${btoa(`${credential}:`)}`,
      key: undefined,
    }[way];
    const path = pattern.replace(/^\/:file.*/, '/t.js');
    const key = way === 'key' && credential !== '' ? `key=${credential}` : '';
    return fetch(`${collector.url}${path}?${[query, key].filter(Boolean).join('&')}`, {
      method,
      headers: {
        'X-Forwarded-For': '203.0.113.9',
        ...(shown && credential !== '' ? { Authorization: shown } : {}),
      },
      ...(body ? { body: body(role) } : {}),
    });
  }
  return { routes, ask };
}

const WAYS = ['key', 'bearer', 'basic'] as const;
const isRefusal = (status: number) => status === 401 || status === 403;

// Some 1,500 requests, one after the other.
test('every route lets in whom it should, and nobody changes or reads what another site has', {
  timeout: 180_000,
}, async () => {
  const { routes, ask } = await aCollector();
  expect([...routes].sort()).toEqual([...Object.keys(DOORS), ...ON_THE_WAY].sort());
  await ask('POST /v1/interactions', 'key', 'a used up key', { body: () => aBatch('the last of the day') });

  const letIn: Record<string, Role[]> = {};
  const expected: Record<string, Role[]> = {};
  for (const [route, door] of Object.entries(DOORS)) {
    const into: Role[] = [];
    for (const role of ROLES) {
      const statuses: number[] = [];
      for (const way of WAYS) {
        const response = await ask(route, way, role, door);
        statuses.push(response.status);
        // What is told to who watches never ends.
        if (response.ok && route === 'POST /v1/admin/tail') await response.body?.cancel();
        const text = response.bodyUsed ? '' : await response.text();
        if (!isRefusal(response.status)) continue;
        // A refusal says what to show, and nothing of what is behind it.
        expect(JSON.parse(text).error.code).toMatch(/^(key|token|site|origin)_/);
        expect(response.headers.get('X-Request-Id')).toMatch(/^[\w.-]{1,64}$/);
      }
      if (role === 'a used up key' && door.isLimited) expect(statuses).toContain(429);
      else if (!statuses.every(isRefusal)) into.push(role);
    }
    letIn[route] = into;
    expected[route] = ROLES.filter((role) => door.lets.includes(role));
  }
  expect(letIn).toEqual(expected);

  const visitorsOf = async (site: string) =>
    (
      await database().query<{ visitor_id: string }>(
        'SELECT DISTINCT visitor_id FROM turnout.interactions WHERE site_id = {site:String} ORDER BY visitor_id',
        { site },
      )
    ).map(({ visitor_id }) => visitor_id);
  await expect
    .poll(() => visitorsOf('own'), { timeout: 60_000 })
    .toEqual(['back-office', 'its secret key', 'its write key', 'the admin token', 'the last of the day']);
  await expect.poll(() => visitorsOf('other'), { timeout: 60_000 }).toEqual(['the write key of another']);
  const namesOf = async (site: string) =>
    (
      await database().query<{ name: string }>(
        'SELECT DISTINCT name FROM turnout.entities WHERE site_id = {site:String} ORDER BY name',
        { site },
      )
    ).map(({ name }) => name);
  await expect.poll(() => namesOf('own'), { timeout: 60_000 }).toEqual([...OWNERS].sort());
  expect(await namesOf('other')).toEqual([]);
});

test('the secret key of a site exports and erases people there, and not their namesakes elsewhere', async () => {
  const { ask } = await aCollector();
  const namesake = `shared-${randomUUID()}`;
  await ask('POST /v1/interactions', 'key', 'its write key', { body: () => aBatch(namesake) });
  await ask('POST /v1/interactions', 'key', 'the write key of another', { body: () => aBatch(namesake) });
  const sitesOf = async () =>
    (
      await database().query<{ site_id: string }>(
        'SELECT site_id FROM turnout.interactions WHERE visitor_id = {namesake:String} ORDER BY site_id',
        { namesake },
      )
    ).map(({ site_id }) => site_id);
  await expect.poll(sitesOf, { timeout: 60_000 }).toEqual(['other', 'own']);
  const body = () => JSON.stringify({ ids: [namesake] });

  const exported = await ask('POST /v1/privacy/export', 'bearer', 'the secret key of another', { body });
  const erased = await ask('POST /v1/privacy/erase', 'bearer', 'the secret key of another', { body });

  const files = Object.values(unzipSync(new Uint8Array(await exported.arrayBuffer())));
  const text = files.map((bytes) => new TextDecoder().decode(bytes)).join('\n');
  expect(text).toContain('"site_id":"other"');
  expect(text).not.toContain('"site_id":"own"');
  expect(await erased.text()).toContain('"receipt"');
  await expect.poll(sitesOf, { timeout: 60_000 }).toEqual(['own']);
});
