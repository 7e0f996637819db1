import { expect, test } from 'vitest';
import { keyEntry } from './kept-keys.ts';
import { createOwners, ownedName } from './owned-rows.ts';
import { anEntry, aRow } from './testing/rows.ts';

const [a, b, c] = [aRow(), aRow(), aRow()];
const aKey = (...rows: { id: string }[]) =>
  keyEntry({ site_id: 'demo', record_key: 'k', content: 1, ids: rows.map(({ id }) => id) }, 0);
const ownersOf = (...entries: ReturnType<typeof anEntry>[]) => entries.map(createOwners());

test('the rows that directly follow a key are its own, each once', () => {
  expect(ownersOf(anEntry(a), aKey(a, b), anEntry(b), anEntry(a), anEntry(a), anEntry(c))).toEqual([
    ...[undefined, undefined],
    ...[1, 1],
    ...[undefined, undefined],
  ]);
  expect(ownersOf(aKey(a), anEntry(a), aKey(b), anEntry(b))).toEqual([undefined, 0, undefined, 2]);
});

test('whatever comes between ends what a key owns', () => {
  expect(ownersOf(aKey(a, b), anEntry(a), anEntry(c), anEntry(b))).toEqual([
    ...[undefined, 0],
    ...[undefined, undefined],
  ]);
  expect(ownersOf(aKey(a), aKey(b), anEntry(a), anEntry(b))).toEqual([
    ...[undefined, undefined],
    ...[undefined, undefined],
  ]);
});

test('a row of another site is another row', () => {
  expect(ownersOf(aKey(a), anEntry({ ...a, site_id: 'other' }))).toEqual([undefined, undefined]);
});

test('memory tells rows apart by the key they came under, and by themselves', () => {
  const names = [aKey(a), aKey(b)].flatMap((key) =>
    [anEntry(a), anEntry(b)].map((row) => ownedName(key, row)),
  );

  expect(new Set(names).size).toBe(4);
});
