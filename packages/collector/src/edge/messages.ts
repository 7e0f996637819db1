/**
 * Entries of the log as messages of a queue, and back.
 *
 * Text, one line an entry: `kind key json`. JSON inside of JSON would be a fifth longer.
 */
import type { LogEntry } from '../log/record.ts';
import type { MessageQueue } from './bindings.ts';

/**
 * `P`: what a person told when they signed in. It adds to what is known of them, which only the writer can read; `p`,
 * from the catalogue, replaces it.
 */
export interface QueuedEntry extends Omit<LogEntry, 'kind'> {
  kind: LogEntry['kind'] | 'P';
}

/** A message holds 128 KB and a call 256 KB and 100 messages (https://developers.cloudflare.com/queues/platform/limits/); some of it is the platform's. */
const MAX_MESSAGE_BYTES = 120_000;
const MAX_CALL_BYTES = 240_000;
const MAX_CALL_MESSAGES = 100;

const encoder = new TextEncoder();

/** Resolves when the queue has acknowledged all of them. What a part that failed leaves behind is a duplicate of the retry. */
export async function sendEntries(queue: MessageQueue, entries: readonly QueuedEntry[]): Promise<void> {
  for (const call of grouped(messagesOf(entries), MAX_CALL_BYTES, MAX_CALL_MESSAGES))
    await queue.sendBatch(call.map((body) => ({ body, contentType: 'text' })));
}

/** As few messages as fit. */
export function messagesOf(entries: readonly QueuedEntry[]): string[] {
  const lines = entries.map(({ kind, key, json }) => `${kind} ${key} ${json}\n`);
  return grouped(lines, MAX_MESSAGE_BYTES).map((group) => group.join(''));
}

/** @throws Error when the text is no message of ours. */
export function entriesOf(message: unknown): QueuedEntry[] {
  if (typeof message !== 'string') throw new Error('A message of the queue is no text.');
  const lines = message.split('\n').slice(0, -1);
  return lines.map((line) => {
    // JSON leaves the line ends of Unicode as they are (U+2028), and only with "s" does the dot take them.
    const [, kind, key, json] = /^([idrlpPek]) (\S+) (\{.*\})$/s.exec(line) ?? [];
    if (!kind || !key || !json) throw new Error('A message of the queue holds a line that is no entry.');
    return { kind: kind as QueuedEntry['kind'], key, json };
  });
}

function grouped(
  texts: readonly string[],
  maxBytes: number,
  maxTexts = Number.POSITIVE_INFINITY,
): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const bytes = encoder.encode(text).byteLength;
    let group = groups.at(-1);
    if (!group || bytes > room || group.length >= maxTexts) {
      group = [];
      groups.push(group);
      room = maxBytes;
    }
    group.push(text);
    room -= bytes;
  }
  return groups;
}
