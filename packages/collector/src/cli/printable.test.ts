import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test('no control character reaches the terminal, and JSON stays what it was', () => {
  const said = { name: 'a\u001b[31m\u009b1m\u007f\n\tb', city: 'Zürich 😀' };

  const shown = printable(JSON.stringify(said));

  expect(shown).not.toMatch(/\p{Cc}/u);
  expect(JSON.parse(shown)).toEqual(said);
  expect(printable('two\nlines\u0007')).toBe(String.raw`two\nlines\u0007`);
});
