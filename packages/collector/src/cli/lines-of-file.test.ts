import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFolder } from '../testing/temporary.ts';
import { crcOf, type FileLine, openLines } from './lines-of-file.ts';

const START = { end: 0, number: 0, crc: 0 };

async function linesOf(bytes: Uint8Array, from = START, maxBytes = 1_000): Promise<FileLine[]> {
  const path = join(await aFolder(), 'lines');
  await writeFile(path, bytes);
  const found: FileLine[] = [];
  for await (const line of (await openLines(path, from, maxBytes)).lines) found.push(line);
  return found;
}

test.each([
  ['plain', (text: string) => Buffer.from(text)],
  ['gzip', (text: string) => gzipSync(text)],
])('gives every line once, from wherever an earlier run stopped: %s', async (_name, pack) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: 'binary' }).filter((text) => !/[\n\r]/.test(text) && text !== ''),
        { maxLength: 8 },
      ),
      fc.nat(),
      fc.boolean(),
      async (texts, at, isEnded) => {
        const bytes = pack(texts.join('\n') + (isEnded && texts.length > 0 ? '\n' : ''));
        const all = await linesOf(bytes);
        expect(all.map(({ text }) => text)).toEqual(texts.map((text) => Buffer.from(text).toString()));

        const stop = all[at % Math.max(1, all.length)] ?? START;

        expect(await linesOf(bytes, stop)).toEqual(all.filter(({ number }) => number > stop.number));
      },
    ),
    { numRuns: 100 },
  );
});

test('keeps nothing of a line that is too long, and goes on behind it', async () => {
  const bytes = Buffer.from(`a\n${'x'.repeat(1_000_000)}\nb\n`);

  expect(await linesOf(bytes)).toMatchObject([
    { number: 1, end: 2, text: 'a', isWhole: true },
    { number: 2, end: 1_000_003, text: undefined, isWhole: true },
    { number: 3, end: 1_000_005, text: 'b', isWhole: true },
  ]);
});

test.each([
  ['plain', (text: string) => Buffer.from(text)],
  ['gzip', (text: string) => gzipSync(text)],
])('tells by the bytes before a line whether it is the same file: %s', async (_name, pack) => {
  const path = join(await aFolder(), 'lines');
  await writeFile(path, pack(`one\n${'two'.repeat(500)}\nthree`));
  const lines: FileLine[] = [];
  for await (const line of (await openLines(path, START, 1_000)).lines) lines.push(line);

  for (const { end, crc } of lines) expect(await crcOf(path, end)).toBe(crc);
  await writeFile(path, pack(`One\n${'two'.repeat(500)}\nthree`));
  for (const { end, crc } of lines) expect(await crcOf(path, end)).not.toBe(crc);
  await writeFile(path, pack('one'));
  expect(await crcOf(path, lines[0]?.end ?? 0)).toBeUndefined();
});

test('fails at the end of a compressed file that is cut off, behind the lines before', async () => {
  const packed = gzipSync(Array.from({ length: 100_000 }, (_, line) => `line ${line * 7919}`).join('\n'));
  const path = join(await aFolder(), 'lines.gz');
  await writeFile(path, packed.subarray(0, packed.byteLength / 2));
  let lines = 0;
  const read = async () => {
    for await (const { number } of (await openLines(path, START, 1_000)).lines) lines = number;
  };

  await expect(read()).rejects.toThrow('unexpected end of file');
  expect(lines).toBeGreaterThan(1_000);
});
