import { expect, test } from 'vitest';
import { decodeSegment, encodeRecords } from './record.ts';

const lines = (...keys: string[]) =>
  keys.map((key) =>
    String(encodeRecords([{ kind: 'i', key, json: JSON.stringify({ key, text: 'naïve\n"quoted"' }) }])),
  );

test('reads back what was written', () => {
  const { records, state } = decodeSegment(Buffer.from(lines('demo/1', 'demo/2').join('')));

  expect(state).toBe('whole');
  expect(records.map(({ kind, key, json }) => [kind, key, JSON.parse(String(json)).text])).toEqual([
    ['i', 'demo/1', 'naïve\n"quoted"'],
    ['i', 'demo/2', 'naïve\n"quoted"'],
  ]);
});

test('calls a tail torn at every byte of the last record', () => {
  const [first = '', second = ''] = lines('demo/1', 'demo/2');
  const whole = Buffer.from(first + second);
  const start = Buffer.byteLength(first);

  for (let end = start + 1; end < whole.byteLength; end += 1) {
    const { records, state, validBytes } = decodeSegment(whole.subarray(0, end));
    expect([records.length, state, validBytes]).toEqual([1, 'torn', start]);
  }
});

test('calls it a hole when a valid record follows the damage, whichever byte is damaged', () => {
  const [first = '', second = '', third = ''] = lines('demo/1', 'demo/2', 'demo/3');
  const start = Buffer.byteLength(first);

  for (let at = start; at < start + Buffer.byteLength(second); at += 1) {
    const bytes = Buffer.from(first + second + third);
    bytes[at] = (bytes[at] ?? 0) ^ 0x41;
    const { records, state, validBytes } = decodeSegment(bytes);
    expect([records.length, state, validBytes]).toEqual([1, 'hole', start]);
  }
});

test('calls zeros behind the last record a torn tail', () => {
  const [first = ''] = lines('demo/1');

  const { records, state } = decodeSegment(Buffer.concat([Buffer.from(first), Buffer.alloc(4096)]));

  expect([records.length, state]).toEqual([1, 'torn']);
});

test('writes records of any size in one go', () => {
  const texts = ['', '東京 🎸', 'x'.repeat(100_000), '東'.repeat(200_000), 'y'];
  const records = texts.map((text, index) => ({
    kind: 'd' as const,
    key: `demo/${index}`,
    json: JSON.stringify({ text }),
  }));

  const contents = decodeSegment(encodeRecords(records));

  expect(contents.state).toBe('whole');
  expect(contents.records.map(({ json }) => JSON.parse(String(json)).text)).toEqual(texts);
});
