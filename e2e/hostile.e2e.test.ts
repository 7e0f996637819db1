import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, type RunningCollector, runTurnout, startCollector } from './collector.ts';

const SOON = { timeout: 60_000 };
const TWO_TO_THE_70 = '1180591620717411303424';
const nested = (depth: number) => `${'{"d":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** What is hostile about an interaction, as text of JSON, and the columns that its row then has; or the code it is rejected with. */
const CASES: { [what: string]: [fields: string, outcome: object | string] } = {
  'half of a character': [
    String.raw`"query":"a\ud800b","props":{"k\udc00":"\udfff"}`,
    { query: 'a\ufffdb', props: { 'k\ufffd': '\ufffd' } },
  ],
  'bytes that are no UTF-8': ['"query":"a\xed\xa0\x80b\xff"', { query: 'a\ufffd\ufffd\ufffdb\ufffd' }],
  'an escaped NUL': [
    String.raw`"query":"a\u0000b","props":{"a\u0000":"\u0000"}`,
    { query: 'ab', props: { a: '' } },
  ],
  'a NUL as it is': ['"query":"a\0b"', { query: 'ab' }],
  '__proto__ among props': [
    '"props":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"b":1}',
    { props: { b: 1 } },
  ],
  '__proto__ of the interaction': ['"__proto__":{"query":"polluted"},"query":"mine"', { query: 'mine' }],
  'keys twice': [
    '"query":"first","query":"second","props":{"a":1,"a":2}',
    { query: 'second', props: { a: 2 } },
  ],
  'a dot beside its object': ['"props":{"a1.b":1,"a1":{"b":2}}', { props: { a1: { b: 2 }, a1_b: 1 } }],
  'NaN as a value': ['"value":NaN', 'invalid'],
  'NaN and Infinity in props': [
    '"props":{"n":NaN,"i":[-Infinity],"s":"NaN"}',
    { props: { i: [null], s: 'NaN' } },
  ],
  '1e999 as a value': ['"value":1e999', 'invalid'],
  '1e999 in props': ['"props":{"n":1e999}', 'invalid'],
  'the year 1600': ['"occurred_at":-11676096000000', 'invalid'],
  'the year 9999': ['"occurred_at":253402300799000', 'invalid'],
  '1e999 as a time': ['"occurred_at":1e999', 'invalid'],
  'concerts in 1600 and 9999': [
    '"props":{"event_date":"1600-01-01","y":"9999-12-31T23:59:59Z"}',
    { event_date: null, props: { event_date: '1600-01-01', y: '9999-12-31T23:59:59Z' } },
  ],
  'a concert in 9999': [
    '"props":{"event_date":"9999-12-31"}',
    { event_date: null, props: { event_date: '9999-12-31' } },
  ],
  '2^70 in props': [
    `"props":{"n":${TWO_TO_THE_70},"m":-${TWO_TO_THE_70}}`,
    { props: { n: String(2 ** 70), m: String(-(2 ** 70)) } },
  ],
  '2^70 as a rating': [
    `"props":{"rating":${TWO_TO_THE_70}}`,
    { rating: null, props: { rating: String(2 ** 70) } },
  ],
  '2^70 as a value': [`"value":${TWO_TO_THE_70}`, 'invalid'],
  '2^70 as a duration': [`"duration_ms":${TWO_TO_THE_70}`, 'invalid'],
  '2^70 as a time': [`"occurred_at":${TWO_TO_THE_70}`, 'invalid'],
  'eight levels': [`"props":${nested(8)}`, { props: JSON.parse(nested(8)) }],
  'nine levels': [`"props":${nested(9)}`, 'invalid'],
  '5,000 levels': [`"props":${nested(5_000)}`, 'invalid'],
  '201 keys': [
    `"props":${JSON.stringify(Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`k${at}`, 1])))}`,
    'invalid',
  ],
  'an endless id': [`"entity_id":"${'e'.repeat(201)}"`, 'invalid'],
  'an endless text': [`"query":"${'q'.repeat(2_001)}"`, 'invalid'],
  'an endless prop': [`"props":{"p":"${'p'.repeat(8_001)}"}`, 'invalid'],
};

const interaction = (id: string, fields: string) =>
  `{"id":"${id}","type":"click","occurred_at":${Date.now()},"entity_type":"event","entity_id":"e1"${fields && ','}${fields}}`;
const batch = (interactions: string[]) =>
  `{"batch_id":"${randomUUID()}","visitor_id":"fan","session_id":"s","contexts":[{"title":"\\ud800","page_url":7}],"interactions":[${interactions.join(',')}]}`;
/** Each character of the text is a byte. */
const bytes = (text: string) => Buffer.from(text, 'latin1');

async function aCollector(): Promise<RunningCollector> {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const file = `${dataDir}/sites.json`;
  const site = { time_zone: 'UTC', currency: 'USD', origins: [], secret_keys: [SECRET_KEY] };
  await writeFile(file, JSON.stringify({ sites: [{ ...site, id: 'club', write_keys: ['wk_demo'] }] }));
  const collector = await startCollector(dataDir, [], {
    TURNOUT_SITES: file,
    TURNOUT_ADMIN_TOKEN: ADMIN_TOKEN,
  });
  onTestFinished(() => collector.kill());
  return collector;
}
const SECRET_KEY = 'sk_0123456789abcdef01234567';
const ADMIN_TOKEN = 'the admin token';

async function metricOf({ url }: RunningCollector, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('every hostile value is rejected with its reason or cleaned, and its neighbours are stored', async () => {
  const collector = await aCollector();
  const good: string[] = [];
  const sent: { what: string; id: string; outcome: object | string }[] = [];
  const aGood = () => {
    const id = randomUUID();
    good.push(id);
    return interaction(id, '');
  };
  const post = (body: string, query = '') =>
    fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0${query}`, {
      method: 'POST',
      body: bytes(body),
    });

  // Each between two good ones, then all of them together.
  const all: string[] = [];
  for (const together of [false, true]) {
    for (const [what, [fields, outcome]] of Object.entries(CASES)) {
      const id = randomUUID();
      sent.push({ what, id, outcome });
      if (together) {
        all.push(interaction(id, fields), aGood());
        continue;
      }
      const response = await post(batch([aGood(), interaction(id, fields), aGood()]));
      expect([what, response.status]).toEqual([what, 202]);
      const { accepted, rejected } = (await response.json()) as { accepted: number; rejected: object[] };
      if (typeof outcome === 'object') expect([what, accepted, rejected]).toEqual([what, 3, []]);
      else
        expect([what, rejected]).toMatchObject([
          what,
          [{ index: 1, code: outcome, message: expect.any(String) }],
        ]);
    }
  }
  const response = await post(batch(['null', '7', '"text"', '[]', ...all]));
  expect(response.status).toBe(202);
  expect(((await response.json()) as { rejected: object[] }).rejected.slice(0, 4)).toMatchObject(
    [0, 1, 2, 3].map((index) => ({ index, code: 'invalid' })),
  );

  // Clocks and attempts that nobody has.
  for (const query of [
    '&sent_at=253402300799000',
    '&sent_at=-1',
    '&sent_at=1e999',
    '&sent_at=NaN',
    '&attempt=NaN',
  ]) {
    const { status } = await post(batch([interaction(randomUUID(), '')]), query);
    expect([query, status]).toEqual([query, 202]);
  }
  for (const body of [
    '',
    '\0',
    'NaN',
    'null',
    '[]',
    '{"a":',
    '\x1f\x8b',
    '\x1f\x8b\x08\x00garbage',
    nested(100_000),
    '['.repeat(1_000_000),
  ]) {
    const { status } = await post(body);
    expect([body.slice(0, 20), status]).toEqual([body.slice(0, 20), 400]);
  }

  type Row = { id: string; [column: string]: unknown };
  const rows = () => collector.query<Row>('SELECT * FROM turnout.interactions');
  await expect
    .poll(async () => {
      const stored = new Set((await rows()).map(({ id }) => id));
      return good.filter((id) => !stored.has(id));
    }, SOON)
    .toEqual([]);
  const stored = new Map((await rows()).map((row) => [row.id, row]));
  for (const { what, id, outcome } of sent) {
    if (typeof outcome === 'string') expect([what, stored.has(id)]).toEqual([what, false]);
    else expect([what, stored.get(id)]).toMatchObject([what, { entity_id: 'e1', ...outcome }]);
    const props = (outcome as { props?: object }).props;
    if (props) expect([what, stored.get(id)?.props]).toEqual([what, props]);
  }
  const codes = async () =>
    Object.fromEntries(
      (
        await collector.query<{ id: string; code: string }>(
          "SELECT id, code FROM turnout.rejected_interactions WHERE id != ''",
        )
      ).map(({ id, code }) => [id, code]),
    );
  const expected = sent.filter(({ outcome }) => typeof outcome === 'string');
  await expect
    .poll(codes, SOON)
    .toMatchObject(Object.fromEntries(expected.map(({ id, outcome }) => [id, outcome])));
  expect(await metricOf(collector, 'turnout_insert_failures_total')).toBe(0);
  expect((await runTurnout(['verify', '--data-dir', collector.dataDir])).code).toBe(0);
});

test('the other doors take no harm either, and lose no neighbour', async () => {
  const collector = await aCollector();
  const propsOf = Object.values(CASES)
    .map(([fields]) => /"props":(\{.*)$/s.exec(fields)?.[1])
    .filter((props) => props !== undefined);
  const now = () => `"occurred_at":${Date.now()}`;
  const doors: {
    path: string;
    headers?: Record<string, string>;
    body: (props: string, marks: [string, string]) => string;
    ok: number;
  }[] = [
    {
      path: '/v1/batch',
      headers: { Authorization: `Basic ${btoa('wk_demo:')}` },
      ok: 200,
      body: (props, marks) => {
        const track = (event: string, properties: string) =>
          `{"type":"track","event":"${event}","messageId":"${randomUUID()}","anonymousId":"a","properties":${properties}}`;
        return `{"batch":[${track(marks[0], '{}')},${track('any', props)},${track(marks[1], '{}')}]}`;
      },
    },
    {
      path: '/v1/ingest/attendance',
      headers: { Authorization: `Bearer ${SECRET_KEY}` },
      ok: 202,
      body: (props, marks) => {
        const record = (event: string, own: string) =>
          `{${now()},"visitor_id":"v","event_id":"${event}","props":${own}}`;
        return `[${record(marks[0], '{}')},${record('any', props)},${record(marks[1], '{}')}]`;
      },
    },
    {
      path: '/v1/admin/import-lines?key=wk_demo',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      ok: 202,
      body: (props, marks) => {
        const line = (event: string, own: string) =>
          `{"id":"${randomUUID()}","type":"click",${now()},"visitor_id":"v","entity_type":"event","entity_id":"${event}","props":${own}}`;
        return [line(marks[0], '{}'), line('any', props), line(marks[1], '{}')].join('\n');
      },
    },
  ];
  const marks: string[] = [];
  for (const { path, headers = {}, body, ok } of doors) {
    for (const props of propsOf) {
      const own: [string, string] = [randomUUID(), randomUUID()];
      marks.push(...own);
      const response = await fetch(`${collector.url}${path}`, {
        method: 'POST',
        headers,
        body: bytes(body(props, own)),
      });
      expect([path, props.slice(0, 60), response.status]).toEqual([path, props.slice(0, 60), ok]);
    }
  }
  for (const value of [
    String.raw`"\ud800\u0000"`,
    '1e999',
    TWO_TO_THE_70,
    'null',
    nested(5_000),
    '"9999-12-31"',
  ]) {
    const lines = ['price_max', 'starts_on', 'name', 'version', '__proto__'].map(
      (field) => `{"entity_type":"event","entity_id":"e1","${field}":${value}}`,
    );
    const response = await fetch(`${collector.url}/v1/catalog`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${SECRET_KEY}` },
      body: bytes(`${lines.join('\n')}\n{"entity_type":"event","entity_id":"neighbour","name":"lives"}`),
    });
    expect([value.slice(0, 20), response.status]).toEqual([value.slice(0, 20), 200]);
  }

  const known = () =>
    collector.query<{ mark: string }>(
      "SELECT DISTINCT if(entity_id = '', name, entity_id) AS mark FROM turnout.interactions",
    );
  await expect
    .poll(async () => {
      const stored = new Set((await known()).map(({ mark }) => mark));
      return marks.filter((mark) => !stored.has(mark));
    }, SOON)
    .toEqual([]);
  await expect
    .poll(
      () => collector.query("SELECT name FROM turnout.entities FINAL WHERE entity_id = 'neighbour'"),
      SOON,
    )
    .toEqual([{ name: 'lives' }]);
  expect(await metricOf(collector, 'turnout_insert_failures_total')).toBe(0);
});

test('a small body that inflates to 1 GB costs less than 50 MB', async () => {
  const collector = await aCollector();
  const megabytes = async (figure: 'VmRSS' | 'VmHWM') => {
    const status = await readFile(`/proc/${collector.pid}/status`, 'utf8');
    return Number(new RegExp(`^${figure}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  };
  // Spaces: also as JSON they would be nothing to remember.
  const piece = Buffer.alloc(16 * 1024 * 1024, ' ');
  const zeros = Readable.from(Array.from({ length: 64 }, () => piece));
  const bomb = await buffer(zeros.pipe(createGzip({ level: 9 })));
  expect(bomb.byteLength).toBeLessThan(1_048_576);
  const routes: [path: string, headers: Record<string, string>][] = [
    ['/v1/interactions?key=wk_demo', {}],
    ['/v1/ingest/sale', { Authorization: `Bearer ${SECRET_KEY}` }],
    ['/v1/admin/import-lines?key=wk_demo', { Authorization: `Bearer ${ADMIN_TOKEN}` }],
  ];
  const post = ([path, headers]: (typeof routes)[number], body: Uint8Array<ArrayBuffer>) =>
    fetch(`${collector.url}${path}`, { method: 'POST', headers, body });
  // What every process takes for its first large bodies is no cost of the bomb.
  const plain = new Uint8Array(1_000_000).fill(32);
  for (const route of [...routes, ...routes]) expect((await post(route, plain)).status).toBeLessThan(500);

  // Writing 5 lets the peak begin anew: see proc(5).
  await writeFile(`/proc/${collector.pid}/clear_refs`, '5');
  const before = await megabytes('VmRSS');
  const answers = await Promise.all(routes.map((route) => post(route, new Uint8Array(bomb))));
  const cost = (await megabytes('VmHWM')) - before;

  expect(answers.map(({ status }) => status)).toEqual([413, 413, 413]);
  expect(cost).toBeLessThan(50);
});
