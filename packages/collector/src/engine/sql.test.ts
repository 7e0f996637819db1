import { expect, test } from 'vitest';
import { bindParameters, tokenize, whyNotReadable, withoutTrailer } from './sql.ts';

const OUTWARD = {
  functions: new Set(['file', 'url']),
  scalars: new Set(['file']),
  settings: new Set(['additional_result_filter']),
};

test.each([
  'SELECT 1',
  "select count() from event_daily where name = '; drop table x' -- readonly\n;",
  'WITH 1 AS x SELECT x /* a ; b */',
  '(SELECT 1) UNION ALL (SELECT 2)',
  'SHOW TABLES',
  'DESCRIBE TABLE event_daily',
  "SELECT getSetting('readonly')",
  'EXPLAIN SELECT 1',
  'SELECT pages.file, url, additional_result_filter FROM pages',
  'SELECT 1 SETTINGS max_threads = 1',
])('lets %j read', (sql) => {
  expect(whyNotReadable(sql, OUTWARD)).toBeUndefined();
});

test.each([
  ['', /empty/],
  ['DROP TABLE interactions', /DROP is not a reading statement/],
  ['KILL QUERY WHERE 1', /KILL is not/],
  ['SELECT 1; DROP TABLE interactions', /One statement at a time/],
  ["SELECT 1 INTO OUTFILE '/tmp/x'", /OUTFILE/],
  ['SELECT * FROM (SELECT 1 SETTINGS readonly=0)', /"readonly" cannot be named/],
  ['SELECT 1 PARALLEL WITH CREATE TABLE t (a Int8) ENGINE = Memory', /"PARALLEL" cannot be named/],
  ["SELECT file ('/etc/passwd')", /file\(\) reaches beyond the database/],
  ["DESCRIBE `URL`('http://127.0.0.1/')", /URL\(\) reaches beyond/],
  ['SELECT * FROM (SELECT 1 SETTINGS `readonly`=0)', /"readonly" cannot be named/],
  ['SELECT * FROM (SELECT 1 SETTINGS `read\\x6fnly`=0)', /backslash/],
  ['SELECT * APPLY(file) FROM t', /"file" is a function .* t\.file/],
  ['SELECT arrayMap(`file`, names) FROM t', /"file" is a function/],
  [
    "SELECT 1 SETTINGS max_threads=1, `additional_result_filter`='0' UNION ALL SELECT 2",
    /"additional_result_filter" may name/,
  ],
  ["SELECT 1 SETTINGS profile='x'", /"profile" cannot be named/],
  ['SELECT * FROM (SELECT 1) /*', /comment is not closed/],
  ['SELECT \u2018 -- \u2019, * FROM (SELECT 1 SETTINGS readonly=0)', /not allowed outside a string/],
  ['SELECT * FROM (SELECT 1) \0', /not allowed outside a string/],
])('refuses %j', (sql, reason) => {
  expect(whyNotReadable(sql, OUTWARD)).toMatch(reason);
});

test('takes a closing semicolon and the comments behind it off', () => {
  expect(withoutTrailer('SELECT 1 ; -- done')).toBe('SELECT 1 ');
  expect(withoutTrailer("SELECT ';'")).toBe("SELECT ';'");
});

test('binds parameters as cast literals and leaves strings alone', () => {
  const sql = "SELECT {name: String}, '{name: String}' FROM {table:Identifier} WHERE id IN {ids:Array(UUID)}";

  const bound = bindParameters(
    sql,
    new Map([
      ['name', "O\\'Brien\\n"],
      ['table', 'a`b'],
      ['ids', "['x']"],
    ]),
  );

  expect(bound).toBe(
    "SELECT CAST('O\\'Brien\n' AS String), '{name: String}' FROM `a\\`b` WHERE id IN CAST('[\\'x\\']' AS Array(UUID))",
  );
});

test('a view keeps its parameters for whoever reads it', () => {
  const view = 'CREATE OR REPLACE VIEW v AS SELECT {a:UInt8}';

  expect(bindParameters(view, new Map())).toBe(view);
  expect(bindParameters('CREATE VIEW v AS SELECT {a:UInt8}', new Map([['a', '1']]))).toContain('{a:UInt8}');
});

test('names the parameter that has no value', () => {
  expect(() => bindParameters('SELECT {a:UInt8}', new Map())).toThrow(
    'Query parameter a has no value: pass param_a.',
  );
});

test('finds heredocs and nested quotes', () => {
  expect(tokenize("$x$ ; DROP $x$ 'a''b' \"c\"").map(({ kind }) => kind)).toEqual([
    'string',
    'string',
    'quoted',
  ]);
});
