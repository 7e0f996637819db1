import { expect, test } from 'vitest';
import { columnsIn } from './columns-in.ts';

const view = (...columns: string[]) =>
  `CREATE VIEW turnout.v (${columns.join(', ')}) AS SELECT f(site_id, {from:Date}) FROM t`;

test.each([
  ['n of it', 'UInt64'],
  ['to', "DateTime64(3, 'UTC')"],
  [
    'deep',
    'Array(Tuple(LowCardinality(Nullable(String)), Map(String, Array(Tuple(a UInt8, b Decimal(38, 4))))))',
  ],
  ['said', "Enum8('a)' = 1, 'b, \\\\' = 2, 'c''(' = 3)"],
])('reads the column %s of the type %s, and those behind it', (name, type) => {
  const text = view('`site_id` String', `\`${name}\` ${type} COMMENT 'It''s (one), \\'so\\''`, '`last` Date');

  expect(columnsIn(text)).toEqual([
    { name: 'site_id', type: 'String', comment: '' },
    { name, type, comment: "It's (one), 'so'" },
    { name: 'last', type: 'Date', comment: '' },
  ]);
});

test.each([
  view('`site_id` String', '`n`` of it` String', '`last` Date'),
  view('`site_id` String', 'n String'),
  'CREATE VIEW turnout.v (`site_id` String, `n` Array(String',
  'CREATE VIEW turnout.v AS SELECT count(a) FROM t',
  'CREATE VIEW turnout.v AS SELECT 1',
  '',
])('reads all columns or none: %s', (text) => {
  expect(columnsIn(text)).toBeUndefined();
});
