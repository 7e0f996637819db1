import type { InteractionRow } from '@turnout/schema';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { settleFunnel } from '../../../schema/src/funnel-refresh.ts';
import { authorizeSite } from '../privacy/authorize.ts';
import { anApp, venue } from '../testing/app.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aRow } from '../testing/rows.ts';
import { createNodeReader } from './node-reader.ts';
import type { Reader } from './reader.ts';
import { ANSWER_PARAMETERS, type Column, identityOf, type View } from './view.ts';

const { engine, database } = anEngineForThisFile();
const ADMIN = 'the admin token';
const hall = {
  ...venue,
  id: 'hall',
  writeKeys: [{ key: 'wk_hall' }],
  secretKeys: ['sk_hall_0123456789abcdef0123'],
};
const KEYS = { venue: venue.secretKeys[0] as string, hall: hall.secretKeys[0] as string };

let reader: Reader;
/** One now for the whole file, so that midnight cannot fall into a test. */
const NOW = new Date();
const dayAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();
const day = (days: number) => dayAgo(days).slice(0, 10);

beforeAll(async () => {
  reader = createNodeReader(() => ({ url: engine().sqlUrl() }), { isEmbedded: true });
  const rows = [...['venue', 'hall'].flatMap(historyOf), ...longSearches()].map((row) => ({
    ...row,
    batch: BATCH,
  }));
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  await database().insertBlock('turnout.interactions', BATCH, new TextEncoder().encode(lines));
  await settleFunnel(database());
});
afterAll(() => reader.close());

const BATCH = '019b7706-0000-7000-8000-0000000000aa';

/** The same people and things at both sites, twice as many at the hall. */
function historyOf(site_id: string): InteractionRow[] {
  const people = site_id === 'venue' ? 5 : 10;
  return Array.from({ length: people * 2 }, (_, index) => {
    const person = 1 + (index % people);
    const at = dayAgo(1 + Math.floor(index / people));
    const did = (row: Partial<InteractionRow>): InteractionRow => {
      const ts = at.replace('T', ' ').replace('Z', '');
      const when = {
        ts,
        occurred_at: ts,
        received_at: ts,
        id_day: at.slice(0, 10),
        local_date: at.slice(0, 10),
      };
      return aRow({
        site_id,
        user_key: `1844674407370955${1000 + person}`,
        session_id: `${site_id}-${index}`,
        artist_id: 'a1',
        venue_id: 'v1',
        entity_id: `e${person % 3}`,
        ...when,
        ...row,
      });
    };
    return [
      did({ type: 'impression', utm_source: 'mail' }),
      did({ type: 'click' }),
      did({ type: 'view' }),
      did({ type: 'ticket_click', ticket_provider: 'box-office' }),
      did({ type: 'purchase', value: '12.5', site_value: '12.5', order_id: `${site_id}-${index}` }),
      did({ type: 'search', entity_type: '', entity_id: '', query: 'polka' }),
      did({
        type: 'exposure',
        experiment: 'poster',
        variant: person % 2 ? 'control' : 'blue',
        entity_type: '',
        entity_id: '',
      }),
      did({ type: 'served', entity_type: 'ad', entity_id: 'ad1' }),
      did({ type: 'view', entity_type: 'offer', entity_id: 'o1' }),
      did({ type: 'impression', entity_type: 'recommendation', entity_id: 'r1' }),
      did({ type: 'waitlist_join' }),
    ];
  }).flat();
}

/** What people may type: more than an address holds, and what no address holds. */
function longSearches(): InteractionRow[] {
  const [row] = historyOf('hall').filter(({ type }) => type === 'search') as [InteractionRow];
  const typed = ['a', 'b'.repeat(1_500), 'c\0d', '東'.repeat(2_000), '海'.repeat(2_000), '音'];
  return typed.map((query) => aRow({ ...row, query, id: crypto.randomUUID() }));
}

interface Answer {
  view: string;
  site: string;
  columns: { name: string; type: string }[];
  rows: { [column: string]: unknown }[];
  next?: string;
  views: (View & { example: string; filters: string[] })[];
  error: { code: string; message: string };
}

function anAppThatReads(overrides: Parameters<typeof anApp>[0] = {}) {
  const sites = () => [venue, hall];
  const { app, errors, logged } = anApp({
    sites,
    reader,
    now: Date.now,
    authorize: (header, site) => authorizeSite(header, site, { token: ADMIN, sites: sites() }),
    ...overrides,
  });
  const get = async (path: string, key: string | undefined = KEYS.venue) => {
    const headers: Record<string, string> = key === '' ? {} : { Authorization: `Bearer ${key}` };
    const response = await app.request(path.startsWith('/') ? path : `/v1/query/${path}`, { headers });
    return { status: response.status, headers: response.headers, ...((await response.json()) as Answer) };
  };
  return { get, errors, logged };
}

test('every view of the schema can be asked, by its example, and tells the rows of its own site alone', {
  timeout: 120_000,
}, async () => {
  const { get, errors } = anAppThatReads();
  const names = await database().query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'turnout' AND engine = 'View' ORDER BY name",
  );
  const described = await database().query<{ table: string } & Column>(
    "SELECT table, name, type, comment FROM system.columns WHERE database = 'turnout' ORDER BY table, position",
  );

  const { views } = await get('/v1/query');

  expect(views.map(({ name }) => name)).toEqual(names.map(({ name }) => name));
  const empty: string[] = [];
  for (const { example, filters, ...listed } of views) {
    const view = { ...listed, arguments: listed.arguments ?? [] };
    const own = described.filter(({ table }) => table === view.name);
    // The engine lists no columns of a view that takes arguments.
    if (view.arguments.length === 0)
      expect(view.columns).toEqual(own.map(({ table: _, ...column }) => column));
    expect(view.columns.filter(({ comment }) => comment === '')).toEqual([]);
    expect(filters.filter((name) => (ANSWER_PARAMETERS as readonly string[]).includes(name))).toEqual([]);
    const identity = identityOf(view).map(({ name }) => name);
    const address = example.replace('limit=10', `limit=10000&columns=site_id,${identity}`);

    const { status, rows, next } = await get(address);

    expect([view.name, status, next]).toEqual([view.name, 200, undefined]);
    expect([view.name, rows.filter((row) => row.site_id !== 'venue')]).toEqual([view.name, []]);
    // Pages are cut between rows: that works where no two are alike in what tells them apart.
    expect([view.name, new Set(rows.map((row) => JSON.stringify(row))).size]).toEqual([
      view.name,
      rows.length,
    ]);
    if (rows.length === 0) empty.push(view.name);
  }
  // Nothing is likely before it is trained. Give any other view rows to show: `historyOf` above.
  expect(empty).toEqual(['purchase_probability']);
  expect(errors).toEqual([]);
});

test('says what it tells: columns with types, days and moments as ISO, and no number rounded', async () => {
  const { get } = anAppThatReads();

  const daily = await get(
    `user_daily?from=${day(1)}&to=${day(1)}&limit=1&columns=date,user_key,sessions_count,revenue`,
  );
  const scores = await get('engagement_scores?limit=1&columns=last_seen,frequency');
  const owed = await get(
    `attribution?from=${day(1)}&to=${day(1)}&window=7&limit=1&columns=first_touch,revenue`,
  );

  expect(daily).toMatchObject({
    view: 'user_daily',
    site: 'venue',
    columns: [
      { name: 'date', type: 'Date' },
      { name: 'user_key', type: 'UInt64' },
      { name: 'sessions_count', type: 'UInt64' },
      { name: 'revenue', type: 'Decimal(38, 4)' },
    ],
    rows: [{ date: day(1), user_key: '18446744073709551001', sessions_count: '1', revenue: '12.5' }],
  });
  expect(daily.headers.get('Cache-Control')).toBe('no-store');
  expect(scores.rows).toEqual([{ last_seen: dayAgo(1), frequency: expect.any(Number) }]);
  expect(owed.rows[0]).toEqual({
    first_touch: { source: 'mail', medium: '', campaign: '' },
    revenue: '12.5',
  });
});

test('picks rows by days and by values, and sorts them', async () => {
  const { get } = anAppThatReads();

  const some = await get(
    `event_daily?event_id=e1&event_id=e2&to=${day(2)}&columns=date,event_id&order=-event_id`,
  );
  const most = await get('site_daily?order=-revenue,date&columns=date&limit=1');
  const step = await get(
    `funnel?steps=click,purchase&window=60&from=${day(9)}&to=${day(0)}&entity_id=&step=2&columns=type,people`,
  );

  expect(some.rows).toEqual([
    { date: day(2), event_id: 'e2' },
    { date: day(2), event_id: 'e1' },
  ]);
  expect(most.rows).toEqual([{ date: day(2) }]);
  expect(step.rows).toEqual([{ type: 'purchase', people: '5' }]);
});

test.each(['', '&order=-clicks'])(
  'pages follow one another without a gap or a row twice: %s',
  async (order) => {
    const { get } = anAppThatReads();
    const all = await get(`event_daily?columns=date,event_id,clicks${order}`);

    const paged: unknown[] = [];
    let pages = 0;
    for (
      let next: string | undefined = `event_daily?columns=date,event_id,clicks&limit=4${order}`;
      next;
      pages += 1
    ) {
      const page = await get(next);
      expect(page.rows.length).toBeLessThanOrEqual(4);
      paged.push(...page.rows);
      next = page.next;
    }

    expect(all.rows).toHaveLength(6);
    expect(all.next).toBeUndefined();
    expect(paged).toEqual(all.rows);
    expect(pages).toBe(2);
  },
);

const WRONG: [string, RegExp][] = [
  ['event_daily?evnt_id=1', /"evnt_id" cannot be asked of event_daily\. It takes from, to, .*event_id/],
  ['event_daily?site_id=hall', /"site_id" cannot be asked/],
  ['churn_risk?from=2026-10-01', /"from" cannot be asked of churn_risk/],
  ['event_daily?from=2026-02-30', /"from" must be a day from 1970 to 2149.*"2026-02-30"/],
  ['event_daily?from=2150-01-01', /"from" must be a day/],
  ['event_daily?from=yesterday', /"from" must be a day/],
  ['event_daily?from=2026-10-02&to=2026-10-01', /later than "to"/],
  ['event_daily?from=2026-10-02&from=2026-10-01', /"from" stands in the address twice/],
  ['event_daily?limit=0', /"limit" must be a whole number from 1 to 10000, but it is "0"/],
  ['event_daily?limit=10001', /"limit" must be/],
  ['event_daily?limit=1e3', /"limit" must be/],
  ['event_daily?offset=-1', /"offset" must be a whole number from 0 to 1000000/],
  [
    'event_daily?columns=clicks,naps',
    /"columns" names "naps", which event_daily does not have. It has site_id, date/,
  ],
  ['event_daily?columns=', /"columns" names ""/],
  ['event_daily?order=-viewer_locations', /"viewer_locations", which is a list/],
  ['event_daily?after=abc', /take it from the "next"/],
  ['event_daily?after=WyIyMDI2LTA5LTI1IiwiZTIiXQ&order=clicks', /means nothing/],
  [
    'user_daily?user_key=18446744073709551616',
    /"user_key" must be a whole number, not negative, of at most 64 bits/,
  ],
  ['attribution?from=2026-10-01&to=2026-10-02&window=65536', /"window" must be a whole number/],
  ['attribution?from=2026-10-01&to=2026-10-02&window=1&purchase_id=1', /"purchase_id" must be a UUID/],
  [
    'funnel?from=2026-10-01&to=2026-10-02&window=60',
    /wants to be told "steps" \(Array\(String\)\).*funnel\(steps = /,
  ],
  ['funnel?from=2026-10-01&to=2026-10-02&window=60&steps=clik', /"clik", which is no type of interaction/],
  [
    'retention?from=2026-10-01&to=2026-10-02&grain=fortnight',
    /retention does not take these arguments.*grain being day/,
  ],
  [`event_daily?${'event_id=x&'.repeat(51)}`, /"event_id" takes at most 50 values/],
  ['event_daily?event_id=%00', /NUL character/],
  [`event_daily?event_id=${'x'.repeat(1_001)}`, /"event_id" must have at most 1000 characters/],
  [`event_daily?event_id=${'x'.repeat(7_000)}`, /The address is too long/],
];

test('says what is wrong with a question, and what can be asked', async () => {
  const { get } = anAppThatReads();
  for (const [path, message] of WRONG) {
    const { status, error } = await get(path);

    expect([path, status, error]).toEqual([
      path,
      400,
      { code: 'question_wrong', message: expect.stringMatching(message) },
    ]);
    expect(error.message).not.toContain('x'.repeat(200));
  }
});

test('what is meant to be SQL is a value like any other, or no name at all', async () => {
  const { get, errors } = anAppThatReads();
  const meant = [
    "' OR 1=1 --",
    "e1' UNION ALL SELECT 1 --",
    '\\',
    "\\'",
    '`',
    '; DROP TABLE turnout.interactions',
    '{p1:String}',
    ')) OR site_id != ((',
    '\u02bc OR 1=1',
    '\n--',
    '\\N',
  ];
  const values = meant.map(encodeURIComponent);
  for (const value of values) {
    expect((await get(`event_daily?columns=${value}`)).status).toBe(400);
    expect((await get(`event_daily?order=${value}`)).status).toBe(400);
    expect((await get(`event_daily?${value}=1`)).status).toBe(400);
    expect((await get(`${value}?limit=1`)).status).toBe(404);
  }

  const picked = await get(`event_daily?${values.map((value) => `event_id=${value}&`).join('')}event_id=e1`);
  expect(picked.rows.map(({ site_id, event_id }) => [site_id, event_id])).toEqual([
    ['venue', 'e1'],
    ['venue', 'e1'],
  ]);
  const after = btoa(JSON.stringify([day(9), "') OR site_id != ('"]));
  const rest = await get(`event_daily?columns=site_id&after=${after}`);
  expect(rest.rows).toEqual(Array.from({ length: 6 }, () => ({ site_id: 'venue' })));
  for (const grain of ["day') UNION ALL SELECT 1 --", '\\', '\\N']) {
    const told = await get(`retention?from=${day(9)}&to=${day(0)}&grain=${encodeURIComponent(grain)}`);
    expect([grain, told.status, told.error?.code]).toEqual([grain, 400, 'question_wrong']);
  }
  expect(errors).toEqual([]);
});

test('opens one site by its key, any by the admin token, and none by what pages carry', async () => {
  const { get } = anAppThatReads();
  const asked = async (path: string, key: string) => {
    const { status, site, error } = await get(path, key);
    return error ? [status, error.code] : [status, site];
  };

  expect(await asked('site_daily', KEYS.hall)).toEqual([200, 'hall']);
  expect(await asked('site_daily?site=hall', KEYS.hall)).toEqual([200, 'hall']);
  expect(await asked('site_daily?site=hall', KEYS.venue)).toEqual([403, 'site_refused']);
  expect(await asked('site_daily?site=hall', ADMIN)).toEqual([200, 'hall']);
  expect(await asked('site_daily', ADMIN)).toEqual([400, 'site_unknown']);
  expect(await asked('site_daily?site=none', ADMIN)).toEqual([400, 'site_unknown']);
  expect(await asked('site_daily', '')).toEqual([401, 'token_wrong']);
  expect(await asked('site_daily', 'sk_wrong_0123456789abcdef0123')).toEqual([401, 'token_wrong']);
  expect(await asked('site_daily', 'wk_venue')).toEqual([403, 'key_public']);
  expect(await asked('site_daily?key=wk_venue', '')).toEqual([403, 'key_public']);
  expect(await asked('/v1/query', ADMIN)).toEqual([200, undefined]);
  expect(await asked('/v1/query?site=none', ADMIN)).toEqual([400, 'site_unknown']);
  expect(await asked('/v1/query', '')).toEqual([401, 'token_wrong']);
});

test('a view that is made later can be asked within a minute, unless it does not tell sites apart', async () => {
  const clock = { now: Date.now() };
  const { get } = anAppThatReads({ now: () => clock.now });
  expect((await get('of_mine')).status).toBe(404);
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_mine'));
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_all'));
  await database().command('CREATE VIEW turnout.of_all AS SELECT count() AS n FROM turnout.interactions');
  await database().command(
    'CREATE VIEW turnout.of_mine AS SELECT site_id, entity_id, count() AS n FROM turnout.interactions GROUP BY site_id, entity_id',
  );

  clock.now += 61_000;
  const mine = await get('of_mine?entity_id=e1');
  const all = await get('of_all');

  expect(mine.rows).toEqual([{ site_id: 'venue', entity_id: 'e1', n: expect.any(String) }]);
  expect(all.status).toBe(404);
});

test('a column that is called as the days are is no filter beside them', async () => {
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_modals'));
  await database().command(
    "CREATE VIEW turnout.of_modals AS SELECT site_id, local_date AS date, id, 'modal' AS `from`, 'page' AS `to` FROM turnout.interactions",
  );
  const { get } = anAppThatReads();

  const asked = await get(`of_modals?from=${day(2)}&to=${day(0)}&limit=1&columns=from`);
  const { views } = await get('/v1/query');

  expect(asked.rows).toEqual([{ from: 'modal' }]);
  const listed = views.find(({ name }) => name === 'of_modals');
  expect(listed?.filters).toEqual(['from', 'to', 'date', 'id']);
  expect((await get(String(listed?.example))).rows).toHaveLength(10);
});

test('tells all columns of a view whatever they are called, or leaves the view out and says so', async () => {
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_names'));
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_quotes'));
  await database().command(
    `CREATE VIEW turnout.of_names AS SELECT entity_id, count() AS \`n of it\`,
       [tuple(toLowCardinality(toNullable(entity_id)))] AS deep, CAST('a)', 'Enum8(\\'a)\\' = 1)') AS said, site_id
     FROM turnout.interactions GROUP BY site_id, entity_id`,
  );
  await database().command(
    'CREATE VIEW turnout.of_quotes AS SELECT site_id, 1 AS `n``s` FROM turnout.interactions',
  );
  const { get, logged } = anAppThatReads();

  const named = await get('of_names?entity_id=e1');

  expect(named.columns.map(({ name }) => name)).toEqual(['entity_id', 'n of it', 'deep', 'said', 'site_id']);
  expect(named.rows).toEqual([
    { entity_id: 'e1', 'n of it': expect.any(String), deep: [['e1']], said: 'a)', site_id: 'venue' },
  ]);
  expect((await get('of_quotes')).status).toBe(404);
  expect(logged).toEqual([{ view: 'of_quotes' }]);
});

test('the log tells of arguments that a view does not take, and none of their values', async () => {
  const { get, logged } = anAppThatReads();

  await get(`retention?from=${day(9)}&to=${day(0)}&grain=fortnight`);

  expect(logged).toEqual([{ requestId: expect.any(String), view: 'retention', code: expect.any(Number) }]);
  expect(JSON.stringify(logged)).not.toContain('fortnight');
});

test('pages of a view whose rows are hardly told apart are whole, too', async () => {
  onTestFinished(() => database().command('DROP VIEW IF EXISTS turnout.of_clicks'));
  await database().command(
    "CREATE VIEW turnout.of_clicks AS SELECT site_id, entity_id, type, session_key FROM turnout.interactions WHERE type = 'click'",
  );
  const { get } = anAppThatReads();

  const paged: unknown[] = [];
  for (let next: string | undefined = 'of_clicks?limit=3'; next; ) {
    const page = await get(next);
    paged.push(...page.rows);
    next = page.next;
  }

  const all = await get('of_clicks');
  expect(all.rows).toHaveLength(10);
  expect(paged).toEqual(all.rows);
});

test.each([1, 2])('pages go on behind whatever people searched for: %i at once', async (limit) => {
  const { get } = anAppThatReads();
  const question = `search_daily?from=${day(1)}&to=${day(1)}&columns=query`;
  const all = await get(question, KEYS.hall);
  const queries = all.rows.map(({ query }) => String(query));

  const paged: unknown[] = [];
  for (let next: string | undefined = `${question}&limit=${limit}`; next; ) {
    const page = await get(next, KEYS.hall);
    expect(page.error).toBeUndefined();
    paged.push(...page.rows);
    next = page.next;
  }

  expect(queries.map(({ length }) => length)).toEqual([1, 1_500, 3, 5, 2_000, 2_000, 1]);
  expect(paged).toEqual(all.rows);
});

test('answers 503 and when to come again while the database is away, and asks anew then', async () => {
  const address = { url: 'http://127.0.0.1:1' };
  const other = createNodeReader(() => address);
  onTestFinished(other.close);
  const { get, errors } = anAppThatReads({ reader: other });

  const away = await get('site_daily');
  address.url = engine().sqlUrl();
  const back = await get('site_daily');

  expect([away.status, away.error.code, away.headers.get('Retry-After')]).toEqual([
    503,
    'database_away',
    '5',
  ]);
  expect(back.status).toBe(200);
  expect(errors).toEqual([]);
});

test('reads by a door that cannot write, within its limits', async () => {
  const [limits] = await reader.query(
    "SELECT getSetting('max_execution_time') AS seconds, getSetting('max_memory_usage') AS memory, toUInt32(getSetting('max_result_bytes')) AS result, getSetting('readonly') AS reading",
  );
  expect(limits).toEqual({ seconds: 30, memory: 2 ** 31, result: 2 ** 24, reading: 1 });
  await expect(reader.query('TRUNCATE TABLE turnout.interactions')).rejects.toThrow(/only reads/);
});
