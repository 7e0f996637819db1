import { now } from './clock.ts';
import { quietly } from './quietly.ts';

let lastMs = 0;
let sequence = 0;

/**
 * Makes a UUID of version 7: its first 48 bits are the time, so that ids sort by age.
 *
 * Ids of the same millisecond count up in the next 12 bits: what is recorded together stays in order.
 * `crypto.randomUUID` is missing on pages without TLS; `getRandomValues` is not, but where a page took it
 * away an id that can be guessed is better than none.
 */
export function uuidv7(at = now()): string {
  sequence = at === lastMs ? (sequence + 1) & 0xfff : 0;
  lastMs = at;
  const random = Uint8Array.from({ length: 8 }, () => Math.random() * 256);
  quietly(() => crypto.getRandomValues(random));
  // The two highest bits are the variant.
  const tail = `${'89ab'[(random[0] ?? 0) & 3]}${Array.from(random, (byte) => hex(byte, 2))
    .join('')
    .slice(1)}`;
  const time = hex(Math.max(0, at), 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(sequence, 3)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const hex = (number: number, length: number) => number.toString(16).padStart(length, '0');
