import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson, parseJson } from './parse-json.ts';

test('reads numbers that JSON does not have as null, and leaves texts alone that only look like them', () => {
  expect(parseJson('{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\"NaN","d":-1}')).toEqual({
    a: null,
    b: [null, null],
    c: 'NaN "NaN',
    d: -1,
  });
});

test('reads control characters within a text', () => {
  expect(parseJson('{"a":"x\0y\nz\\n"}')).toEqual({ a: 'x\0y\nz\n' });
});

test.each(['', '{', '{"a":NaN', '[1,]', 'NaNa', '"\\', `${'"\\'.repeat(500_000)}`, '{"a":"\0'])(
  'throws for what stays unreadable: %.20s',
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  },
);

test('reads all JSON like the parser of the language', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('keeps whole numbers that JavaScript would round as the text that was sent', () => {
  const text =
    '{"id":1234567890123456789,"a":[-9223372036854775808,9007199254740991],"b":"1234567890123456789 \\"1","c":1.1234567890123456789,"d":NaN,"e":12345678901234567890e-5}';

  expect(parseExactJson(text)).toEqual({
    id: '1234567890123456789',
    a: ['-9223372036854775808', 9_007_199_254_740_991],
    b: '1234567890123456789 "1',
    c: 1.1234567890123457,
    d: null,
    e: 123_456_789_012_345.67,
  });
  for (const broken of ['00000000000000000000', '"1234567890123456789', '1'.repeat(1_000_000).concat('x')])
    expect(() => parseExactJson(broken)).toThrow(SyntaxError);
});

test('leaves numbers alone that stand inside of texts', () => {
  const said = {
    a: '[1234567890123456789,"x":1234567890123456789}\\',
    b: ['\\"', 'at:1234567890123456789, and on'],
  };

  const text = `{"said":${JSON.stringify(said)},"id": 1234567890123456789 }`;

  expect(parseExactJson(text)).toEqual({ said, id: '1234567890123456789' });
});

test('reads all other JSON exactly like the parser of the language', () => {
  const document = fc.json().filter((text) => !/\d{16}/.test(text));
  fc.assert(fc.property(document, (text) => void expect(parseExactJson(text)).toEqual(JSON.parse(text))));
});
