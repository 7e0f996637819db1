import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from './parse-json.ts';

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
