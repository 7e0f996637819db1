import { expect, test } from 'vitest';
import { createNames } from './names.ts';

const MANY = 200_000;
/** As the log names rows: they differ in a few places, wherever those are. */
const nameOf = (number: number) =>
  `demo/019b7706-${(number % 65_536).toString(16).padStart(4, '0')}-7000-8000-${number.toString(16).padStart(12, '0')}`;

test('knows each of many names, and no other', () => {
  const names = createNames();
  for (let number = 0; number < MANY; number += 1) names.add(nameOf(number));

  let [known, strange] = [0, 0];
  for (let number = 0; number < MANY; number += 1) {
    if (names.has(nameOf(number))) known += 1;
    if (names.has(nameOf(MANY + number))) strange += 1;
  }

  expect([names.size, known, strange]).toEqual([MANY, MANY, 0]);
});

test('counts a name once, and tells names apart by any one character', () => {
  const name = nameOf(7);
  const names = createNames(1_000);
  names.add(name);
  names.add(name);

  expect(names.size).toBe(1);
  for (let at = 0; at < name.length; at += 1) {
    for (const other of ['x', '\u{4d2}'])
      expect(names.has(`${name.slice(0, at)}${other}${name.slice(at + 1)}`)).toBe(false);
    expect(names.has(name.slice(0, at))).toBe(false);
  }
  expect(names.has('')).toBe(false);
  names.add('');
  expect(names.has('')).toBe(true);
});
