import { expect, test } from 'vitest';
import { keyEntry } from '../kept-keys.ts';
import type { LogEntry } from '../log/record.ts';
import { createOwners } from '../owned-rows.ts';
import { anEntry, aRow } from '../testing/rows.ts';
import { entriesOf, messagesOf, type QueuedEntry, sendEntries } from './messages.ts';

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

test('never parts a key from its rows, and repeats it where they fill more than a message', async () => {
  const aKeyWith = (rows: LogEntry[], name: string) => {
    const ids = rows.map(({ key }) => key.split('/')[1] ?? '');
    return [keyEntry({ site_id: 'demo', record_key: name, content: 1, ids }, Date.now()), ...rows];
  };
  const orders = Array.from({ length: 9 }, (_, order) =>
    aKeyWith(
      Array.from({ length: 3 }, () => anEntry(aRow({ title: 'x'.repeat(15_000) }), 'd')),
      `order-${order}`,
    ),
  );
  const large = aKeyWith(
    Array.from({ length: 5 }, () => anEntry(aRow({ title: 'x'.repeat(50_000) }), 'd')),
    'large',
  );
  const entries = [...orders.flat(), ...large];

  const messages = messagesOf(entries).map(entriesOf);

  const rowsOnly = (list: readonly QueuedEntry[]) => list.filter(({ kind }) => kind !== 'k');
  expect(rowsOnly(messages.flat())).toEqual(rowsOnly(entries));
  for (const message of messages) {
    const ownerOf = createOwners();
    for (const entry of message as LogEntry[]) {
      const owner = ownerOf(entry);
      if (entry.kind !== 'k') expect(message[owner ?? -1]?.json).toContain(entry.key.split('/')[1]);
    }
    expect(bytesOf(messagesOf(message).join(''))).toBeLessThanOrEqual(128_000);
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
