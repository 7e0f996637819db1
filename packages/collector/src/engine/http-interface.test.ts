import { createClient } from '@clickhouse/client';
import { expect, test } from 'vitest';
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

test('does not let the address undo readonly', async () => {
  const response = await ask(
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    {},
    '&readonly=0&profile=default',
  );

  expect(response.status).toBe(403);
  expect(await (await ask("SELECT getSetting('readonly')", {}, '&readonly=0')).text()).toBe('1\n');
});

test('refuses what a web page could send', async () => {
  expect((await ask('SELECT 1', { headers: { Origin: 'http://localhost:3000' } })).status).toBe(403);
  const { request } = await import('node:http');
  const status = await new Promise((resolve) => {
    request(
      `${engine().sqlUrl()}/?query=SELECT%201`,
      { headers: { Host: 'rebound.example' } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    ).end();
  });
  expect(status).toBe(403);
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
