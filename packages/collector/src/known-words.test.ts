import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCaps } from './caps.ts';
import { openKnownWords } from './known-words.ts';
import { openDisk } from './log/disk.ts';
import { aFolder } from './testing/temporary.ts';

const MAY = Date.parse('2026-05-20T20:00:00.000Z');
const warned: object[] = [];

async function aStart(folder: string, now = MAY) {
  const words = await openKnownWords(
    await openDisk(folder),
    folder,
    { warn: (it) => void warned.push(it) },
    () => now,
  );
  const caps = createCaps({ onCapped() {}, onLearned: words.note, limits: { surface: 2, props: 2 } });
  words.tell(caps);
  const surface = (value: string, site = 'venue') => {
    const row = { surface: value };
    caps.apply(site, new Date(now).toISOString(), row);
    return row.surface;
  };
  const prop = (name: string) => {
    const row = { props: { [name]: 1 } };
    caps.apply('venue', new Date(now).toISOString(), row);
    return Object.keys(row.props);
  };
  return { ...words, surface, prop };
}

test('gives the same word the same answer after a restart, whatever comes first', async () => {
  const folder = await aFolder();
  const first = await aStart(folder);
  expect(['home', 'grid', 'one too many'].map((it) => first.surface(it))).toEqual([
    'home',
    'grid',
    '(other)',
  ]);
  expect(['a', 'b', 'c'].map(first.prop)).toEqual([['a'], ['b'], ['(other)']]);
  expect(first.surface('hall', 'hall')).toBe('hall');
  await first.settle();
  // A crash cut the last line off.
  await appendFile(join(folder, 'words.ndjson'), '["2026-05","ven');

  const second = await aStart(folder);
  expect(['one too many', 'grid', 'home'].map((it) => second.surface(it))).toEqual([
    '(other)',
    'grid',
    'home',
  ]);
  expect(['c', 'a'].map(second.prop)).toEqual([['(other)'], ['a']]);

  expect(second.surface('second', 'hall')).toBe('second');
  await second.settle();
  expect(await readFile(join(folder, 'words.ndjson'), 'utf8')).toMatch(
    /^\["2026-05","hall","surface","second"\]$/m,
  );
  await second.forgetSite('venue');
  expect(await readFile(join(folder, 'words.ndjson'), 'utf8')).not.toContain('"venue"');
  const third = await aStart(folder);
  expect(third.surface('one too many')).toBe('one too many');
  expect(warned).toEqual([]);
});

test('begins anew with the month', async () => {
  const folder = await aFolder();
  const may = await aStart(folder);
  for (const word of ['home', 'grid']) may.surface(word);
  await may.settle();

  const june = await aStart(folder, MAY + 20 * 86_400_000);

  expect(june.surface('new')).toBe('new');
  await june.settle();
  expect(await readFile(join(folder, 'words.ndjson'), 'utf8')).toBe('["2026-06","venue","surface","new"]\n');
});
