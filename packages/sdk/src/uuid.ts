import { now } from './clock.ts';
import { quietly } from './quietly.ts';

let lastMs = 0;
let sequence = 0;

/**
 * Makes a UUID of version 7: its first 48 bits are the time, so that ids sort by age.
 *
 * Ids of the same millisecond count up in the next 12 bits: what is recorded together stays in order. The
 * rest is random: the end of the browser's own UUID, or where a page has none (without TLS, or because it
 * took it away) of one that could be guessed, which is better than none.
 */
export function uuidv7(at = now()): string {
  sequence = at === lastMs ? (sequence + 1) & 0xfff : 0;
  lastMs = at;
  const time = hex(at, 12);
  const random =
    quietly(() => crypto.randomUUID().slice(18)) ??
    `-8${hex(Math.random() * 2 ** 12, 3)}-${hex(Math.random() * 2 ** 48, 12)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(sequence, 3)}${random}`;
}

const hex = (number: number, length: number) => Math.floor(number).toString(16).padStart(length, '0');
