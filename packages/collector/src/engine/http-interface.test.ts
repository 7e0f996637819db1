import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, TupleParam } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import { anEngineForThisFile } from '../testing/engine.ts';

const { engine, database } = anEngineForThisFile();

const ask = (sql: string, init: RequestInit = {}, address = '') =>
  fetch(`${engine().sqlUrl()}/?query=${encodeURIComponent(sql)}${address}`, init);

test('answers ping without a password and statements only with it', async () => {
  expect(await (await fetch(`${engine().url()}/ping`)).text()).toBe('Ok.\n');
  expect((await fetch(`${engine().url()}/?query=SELECT%201`)).status).toBe(403);
  const wrong = { Authorization: `Basic ${Buffer.from('turnout:wrong').toString('base64')}` };
  expect((await fetch(`${engine().url()}/?query=SELECT%201`, { headers: wrong })).status).toBe(403);
});

test('speaks to curl: statements in the address or the body, formats, a summary', async () => {
  expect(await (await ask('SELECT 1 + 1')).text()).toBe('2\n');
  const posted = await fetch(engine().sqlUrl(), {
    method: 'POST',
    body: 'SELECT 1 AS one FORMAT JSONEachRow -- done',
  });
  expect(await posted.text()).toBe('{"one":1}\n');
  expect(JSON.parse(posted.headers.get('X-ClickHouse-Summary') ?? '')).toHaveProperty('read_rows');
  expect(await (await ask('SELECT 1 AS one', {}, '&default_format=CSVWithNames')).text()).toBe('"one"\n1\n');
});

test('speaks to @clickhouse/client: parameters, settings, errors with their code', async () => {
  const client = createClient({ url: engine().sqlUrl(), log: { level: 127 } });

  const result = await client.query({
    query:
      'SELECT {name:String} AS name, {ids:Array(UInt32)} AS ids FROM interactions LIMIT {limit:UInt8} UNION ALL SELECT {name:String}, [1]',
    query_params: { name: "O'Brien\n\\", ids: [1, 2], limit: 1 },
    clickhouse_settings: { max_threads: 1 },
    format: 'JSONEachRow',
  });

  expect(await result.json()).toEqual([{ name: "O'Brien\n\\", ids: [1] }]);
  await expect(client.query({ query: 'SELECT nothing FROM nowhere' })).rejects.toMatchObject({ code: '60' });
  await client.close();
});

test('a text is the same text in a list, a pair and alone, whatever it holds', async () => {
  const client = createClient({ url: engine().sqlUrl(), log: { level: 127 } });
  onTestFinished(() => client.close());
  const texts = ["O'Brien", "zz','by", '\\', "\\'", "']) OR 1 --", '\t\n\r', '東京 🎸', '\\N', ''];

  const result = await client.query({
    query: `SELECT {texts:Array(String)} AS texts, {nested:Array(Array(String))} AS nested, {pair:Tuple(String, String)}.1 AS first,
      ${texts.map((_, index) => `{text${index}:String}`).join(', ')}`,
    query_params: {
      texts,
      nested: [texts],
      pair: new TupleParam([texts[1], texts[2]]),
      ...Object.fromEntries(texts.map((text, index) => [`text${index}`, text])),
    },
    format: 'JSONCompactEachRow',
  });

  expect(await result.json()).toEqual([[texts, [texts], texts[1], ...texts]]);
});

test.each([
  'DROP TABLE interactions',
  'INSERT INTO interactions (site_id) VALUES (1)',
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM (SELECT * FROM file('/etc/passwd', 'LineAsString') SETTINGS readonly = 0)",
  "SELECT * FROM (SELECT * FROM file('/etc/passwd', 'LineAsString') SETTINGS `read\\x6fnly` = 0)",
  "SELECT * FROM file('/etc/passwd', 'LineAsString') /*",
  "SELECT * FROM file('/etc/passwd', 'LineAsString') \0",
  "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
  "SELECT 1 INTO OUTFILE '/tmp/turnout-outfile'",
  'SELECT 1; DROP TABLE interactions',
])('refuses %j on the SQL port', async (sql) => {
  const response = await ask(sql);

  expect(response.status).toBe(403);
  expect(response.headers.get('X-ClickHouse-Exception-Code')).toBe('164');
});

test.each([
  "SELECT file('/etc/passwd')",
  "EXPLAIN SELECT file('/etc/passwd')",
  "DESCRIBE url('http://127.0.0.1:1/', 'LineAsString')",
  "DESCRIBE mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  "DESCRIBE `sqlite`('/etc/passwd', 't')",
  "SELECT * FROM remoteSecure('127.0.0.1:1', 'system.one')",
  'SELECT 1 PARALLEL WITH CREATE TABLE turnout.parallel (a Int8) ENGINE = Memory',
  'EXISTS TABLE x PARALLEL WITH CREATE TABLE turnout.parallel (a Int8) ENGINE = Memory',
])('lets nobody reach out with %j', async (sql) => {
  expect((await ask(sql)).status).toBe(403);
  expect(await (await ask("SELECT count() FROM system.tables WHERE name = 'parallel'")).text()).toBe('0\n');
});

test.each([
  "SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS path)",
  "SELECT arrayMap(file, ['/etc/passwd'])",
  "SELECT 1 SETTINGS additional_result_filter = 'throwIf(1, file(''/etc/passwd''))' UNION ALL SELECT 2",
  "SELECT * FROM (SELECT * FROM turnout.migrations SETTINGS additional_table_filters = {'turnout.migrations': 'throwIf(1, file(''/etc/passwd''))'})",
])('reads no file with %j', async (sql) => {
  const response = await ask(sql);

  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain('root:');
});

test('takes no setting from the address that names a file or is SQL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const written = encodeURIComponent(join(folder, 'written.proto'));

  for (const address of [
    '&default_format=Template&format_template_resultset=/etc/passwd',
    `&additional_result_filter=${encodeURIComponent("throwIf(1, file('/etc/passwd'))")}`,
    `&default_format=Protobuf&format_protobuf_use_autogenerated_schema=1&output_format_schema=${written}`,
  ]) {
    const response = await ask('SELECT 1 AS one', {}, address);
    expect(response.status).toBe(403);
    expect(await response.text()).toMatch(/The setting "\w+" may name a file or hold SQL of its own/);
  }
  expect(readdirSync(folder)).toEqual([]);
  expect((await ask('SELECT 1', {}, '&log_comment=x&session_timezone=UTC&max_threads=1')).status).toBe(200);
});

test.each([
  ", * FROM file('/etc/passwd', 'LineAsString')",
  "INTO OUTFILE '/tmp/turnout-outfile'",
  '; TRUNCATE TABLE turnout.interactions',
])('judges a statement with what the body adds to it: %j', async (body) => {
  expect((await ask('SELECT 1', { method: 'POST', body })).status).toBe(403);
});

test('puts nothing of a failed statement before the next answer', async () => {
  const failing =
    "SELECT number, throwIf(number = 5, 'boom') FROM (SELECT number FROM numbers(10) SETTINGS max_block_size = 1)";
  for (let times = 0; times < 6; times += 1) expect((await ask(failing)).status).toBe(500);

  for (let times = 0; times < 6; times += 1) expect(await (await ask('SELECT 9')).text()).toBe('9\n');
  await expect(database().query(failing)).rejects.toThrow('boom');
  for (let times = 0; times < 6; times += 1)
    expect(await database().query('SELECT 9 AS nine')).toEqual([{ nine: 9 }]);
});

test('keeps the password of the private door out of what other users can see', async () => {
  const commandLine = readFileSync(`/proc/${engine().pid()}/cmdline`, 'latin1');

  expect(commandLine).not.toContain(engine().password);
});

test('answers what clients break with words, not with 500', async () => {
  const gzip = { 'Content-Encoding': 'gzip' };
  expect((await fetch(engine().sqlUrl(), { method: 'POST', headers: gzip, body: 'not gzip' })).status).toBe(
    400,
  );
});

test('does not let the address undo readonly', async () => {
  const response = await ask(
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    {},
    '&readonly=0&profile=default',
  );

  expect(response.status).toBe(403);
  expect(await (await ask("SELECT getSetting('readonly')", {}, '&readonly=0')).text()).toBe('1\n');
});

test.each([
  ['max_execution_time', '5', '5'],
  ['max_execution_time', '61', '60'],
  ['max_execution_time', '0', '60'],
  ['max_result_bytes', '1048576', '1048576'],
  ['max_result_bytes', '268435457', '268435456'],
  ['max_result_bytes', '0', '268435456'],
  ['max_result_bytes', '-1', '268435456'],
])('a reader can make %s smaller and not larger: %s', async (name, asked, holds) => {
  const response = await ask(`SELECT getSetting('${name}')`, {}, `&${name}=${asked}`);
  expect(await response.text()).toBe(`${holds}\n`);
});

test('refuses what a web page could send', async () => {
  expect((await ask('SELECT 1', { headers: { Origin: 'http://localhost:3000' } })).status).toBe(403);
  // <script src> carries no Origin.
  expect(await statusWith({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  expect((await ask('SELECT 1')).headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(await statusWith({ Host: 'rebound.example' })).toBe(403);
  expect(await statusWith({ Host: 'LOCALHOST:8123' })).toBe(200);
});

test('keeps a setting of one statement away from the next', async () => {
  const insert = (token: string) => database().insertBlock('turnout.leak', token, Buffer.from('{"a":1}\n'));
  await database().command(
    'CREATE TABLE turnout.leak (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100',
  );

  await insert('123');
  await insert('123');
  await insert('124');

  expect(await database().query('SELECT toUInt8(count()) AS rows FROM turnout.leak')).toEqual([{ rows: 2 }]);
});

/** Node's fetch does not let these headers be set. */
function statusWith(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    request(`${engine().sqlUrl()}/?query=SELECT%201`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
}
