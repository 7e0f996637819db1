import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aLog, keysIn, never } from './a-log.test-helper.ts';
import { decodeSegment, encodeRecords } from './record.ts';

test('cuts a torn tail off and keeps every record before it', async () => {
  const { folder, log, open } = await aLog();
  await log.append([anEntry(), anEntry()]);
  const [name = ''] = await readdir(folder);
  await appendFile(join(folder, name), 'c0ffee00 i demo/half {"ty');

  const again = await open();

  expect(again.oldest()?.rows).toBe(2);
  expect(await keysIn(folder, name)).toHaveLength(2);
  expect(decodeSegment(await readFile(join(folder, name))).state).toBe('whole');
});

test('sets a segment with damage in the middle aside, whole, and goes on with its intact records', async () => {
  const { folder, disk, log, open } = await aLog();
  const entries = [anEntry(), anEntry(), anEntry()];
  await log.append(entries);
  const [name = ''] = await readdir(folder);
  const bytes = await readFile(join(folder, name));
  const at = bytes.indexOf(entries[1]?.key ?? '');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(join(folder, name), bytes);

  const again = await open();

  expect(again.damaged).toEqual([{ name: `${name}.damaged`, saved: 2, wasAttempted: false }]);
  expect(await readFile(join(folder, `${name}.damaged`))).toEqual(bytes);
  const copy = decodeSegment(await disk.read(again.oldest()?.name ?? '')).records.slice(1);
  // The database may have them: each is looked up.
  expect(copy.map(({ kind, key }) => [kind, key])).toEqual([
    ['d', entries[0]?.key],
    ['d', entries[2]?.key],
  ]);
});

test('says when a damaged segment had been tried before', async () => {
  const { folder, disk, log, open } = await aLog();
  await log.append([anEntry(), anEntry(), anEntry()]);
  const [name = ''] = await readdir(folder);
  await disk.write(`${name}.plan`, Buffer.from('a plan'));
  const bytes = await readFile(join(folder, name));
  bytes[300] = (bytes[300] ?? 0) ^ 1;
  await writeFile(join(folder, name), bytes);

  expect((await open()).damaged).toMatchObject([{ wasAttempted: true }]);
});

test.each([
  ['in its last record', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 5)],
  ['between two records', (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(10, -2) + 1)],
  ['before all of them', () => Buffer.alloc(0)],
])(
  'sets a planned segment aside that was cut off %s: it was whole when its plan was made',
  async (_, cut) => {
    const { folder, disk, log, open } = await aLog();
    await log.append([anEntry()]);
    await log.append([anEntry()]);
    const [name = ''] = await readdir(folder);
    const bytes = await readFile(join(folder, name));
    const { id } = (await open()).oldest() ?? never();
    const plan = { token: id, planned_at: 0, bytes: bytes.byteLength, duplicates: [], refused: [] };
    await disk.write(`${name}.plan`, encodeRecords([{ kind: 'h', key: id, json: JSON.stringify(plan) }]));
    const left = cut(bytes);
    await writeFile(join(folder, name), left);

    const again = await open();

    const saved = left.byteLength === 0 ? 0 : 1;
    expect(again.damaged).toEqual([{ name: `${name}.damaged`, saved, wasAttempted: true }]);
    expect(await readFile(join(folder, `${name}.damaged`))).toEqual(left);
    expect(again.inherited().map(({ rows }) => rows)).toEqual(saved === 0 ? [] : [1]);
  },
);
