import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanProps, cleanText, cutText } from './clean.ts';

test('leaves good text alone', () => {
  expect(cleanText('björk 東京 🎸 \n\t')).toBe('björk 東京 🎸 \n\t');
});

test('a cut never leaves half a character', () => {
  expect(cutText('ab🎸', 3)).toBe('ab\u{fffd}');
});

test('good props come out equal', () => {
  const key = fc
    .stringMatching(/^[a-z]{1,8}$/)
    .filter((name) => !['constructor', 'prototype'].includes(name));
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(value, fc.array(value), fc.dictionary(key, value))), (props) => {
      fc.pre(!JSON.stringify(props).includes('\\u0000'));
      expect(cleanProps(props, () => expect.unreachable())).toEqual({ props });
    }),
  );
});

test.each([
  ['depth', { a: [[[[[[[[1]]]]]]]] }, 'nest deeper than 8 levels; flatten them'],
  [
    'keys',
    Object.fromEntries(Array.from({ length: 201 }, (_, key) => [`k${key}`, 1])),
    'have more than 200 keys',
  ],
  ['the length of a key', { ['k'.repeat(201)]: 1 }, 'have a key longer than 200 characters'],
  ['length', { text: '"'.repeat(4_000) }, 'are longer than 8000 characters of JSON'],
])('bounds %s', (_, props, problem) => {
  expect(cleanProps(props, () => {})).toEqual({ problem: expect.stringContaining(`"props" ${problem}`) });
});
