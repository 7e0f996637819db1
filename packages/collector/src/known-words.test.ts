import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCaps } from './caps.ts';
import { openKnownWords } from './known-words.ts';
import { openDisk } from './log/disk.ts';
import { aFolder } from './testing/temporary.ts';

const MAY = Date.parse('2026-05-20T20:00:00.000Z');
const warned: object[] = [];

async function aStart(folder: string, now = MAY, clock = () => now) {
  const words = await openKnownWords(
    await openDisk(folder),
    folder,
    { warn: (it) => void warned.push(it) },
    clock,
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
  expect((await stat(join(folder, 'words.ndjson'))).mode & 0o777).toBe(0o600);
  // A crash ran two lines together and cut the last one off; other lines are nobody's words.
  const foreign = '["2026-05","ven["2026-05","venue","surface","run"]\n5\n["2026-05","venue","surface",7]\n';
  await appendFile(join(folder, 'words.ndjson'), `${foreign}["2026-05","ven`);

  const second = await aStart(folder);
  expect(['one too many', 'grid', 'home'].map((it) => second.surface(it))).toEqual([
    '(other)',
    'grid',
    'home',
  ]);
  expect(['c', 'a'].map(second.prop)).toEqual([['(other)'], ['a']]);

  expect(second.surface('second', 'hall')).toBe('second');
  await second.settle();
  const lines = (await readFile(join(folder, 'words.ndjson'), 'utf8')).trim().split('\n');
  expect(lines).toEqual([...new Set(lines)]);
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

test('takes the words of a month that is over out of the file while it runs', async () => {
  const folder = await aFolder();
  let now = MAY;
  const words = await aStart(folder, MAY, () => now);
  const kept = () => readFile(join(folder, 'words.ndjson'), 'utf8');
  words.surface('home');
  await words.settle();

  await words.prune();
  expect(await kept()).toContain('"home"');
  now = Date.parse('2026-06-01T00:00:00.000Z');
  words.note('venue', 'surface', 'grid', '2026-06');
  await words.prune();

  expect(await kept()).toBe('["2026-06","venue","surface","grid"]\n');
});

test('a file that cannot be written now is pruned the next time', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  let isFull = true;
  let now = MAY;
  const failures: object[] = [];
  const words = await openKnownWords(
    { ...disk, write: (...file) => (isFull ? Promise.reject(new Error('full')) : disk.write(...file)) },
    folder,
    { warn: (details) => void failures.push(details) },
    () => now,
  );
  words.note('venue', 'surface', 'home', '2026-05');
  now = Date.parse('2026-06-01T00:00:00.000Z');
  const kept = () => readFile(join(folder, 'words.ndjson'), 'utf8');

  await words.prune();
  expect(failures).toEqual([{ error: 'Error: full' }]);
  expect(await kept()).toContain('"home"');
  isFull = false;
  await words.prune();

  expect(await kept()).toBe('');
  // What comes behind a failure is still written.
  words.note('venue', 'surface', 'grid', '2026-06');
  await words.settle();
  expect(await kept()).toContain('"grid"');
});
