import { expect, test } from 'vitest';
import { anEntry, aRow } from '../testing/rows.ts';
import { entriesOf, messagesOf, sendEntries } from './messages.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

test('reads back what it wrote, to the byte', () => {
  const texts = ['tabs\tand "quotes"\nand lines', 'other\u2028lines\u2029 and\u0085 these', '東京 🎸'];
  const entries = [anEntry(), ...texts.map((query) => anEntry(aRow({ query }), 'd'))];

  expect(messagesOf(entries).flatMap(entriesOf)).toEqual(entries);
});

test('stays below what a message and a call may hold', async () => {
  // Rows of 60 kB of two-byte letters: a batch as large as browsers send, a hundred times over.
  const entries = Array.from({ length: 100 }, () => anEntry(aRow({ title: 'ö'.repeat(30_000) })));
  const calls: string[][] = [];

  await sendEntries({ sendBatch: async (messages) => calls.push(messages.map(({ body }) => body)) }, entries);

  expect(calls.flat().flatMap(entriesOf)).toEqual(entries);
  for (const call of calls) {
    expect(call.length).toBeLessThanOrEqual(100);
    expect(bytesOf(call.join(''))).toBeLessThanOrEqual(256_000);
    for (const message of call) expect(bytesOf(message)).toBeLessThanOrEqual(128_000);
  }
});

test('fails as a whole when one call fails', async () => {
  const entries = Array.from({ length: 10 }, () => anEntry(aRow({ title: 'x'.repeat(60_000) })));
  let calls = 0;
  const sendBatch = async () => {
    calls += 1;
    if (calls === 2) throw new Error('Too Many Requests');
  };

  await expect(sendEntries({ sendBatch }, entries)).rejects.toThrow('Too Many Requests');
});

test.each([[undefined], [{ kind: 'i' }], ['i no-json\n'], ['x key {}\n']])(
  'refuses a message like %j',
  (message) => {
    expect(() => entriesOf(message)).toThrow('A message of the queue');
  },
);
