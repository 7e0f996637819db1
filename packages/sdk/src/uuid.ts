import { now } from './clock.ts';
import { quietly } from './quietly.ts';

let lastMs: number | undefined;
let sequence = 0;
let time = '';
let random = '';
/** Drawn ahead: to go and ask the browser is most of what an id costs. */
let drawn: string[] = [];

/**
 * Makes a UUID of version 7: its first 48 bits are the time, so that ids sort by age.
 *
 * Ids of the same millisecond count up in the next 12 bits: what is recorded together stays in order. The rest is
 * random. With `isOneOfMany`, ids of one millisecond share it, until the count is through: a page may stop its clock.
 * That is for interactions. An id of a person or a visit shares nothing with them: it is forgotten before they are.
 */
export function uuidv7(at = now(), isOneOfMany = false): string {
  sequence = at === lastMs ? (sequence + 1) & 0xfff : 0;
  if (!sequence) {
    lastMs = at;
    time = hex(at, 12);
    time = `${time.slice(0, 8)}-${time.slice(8)}-`;
    random = draw();
  }
  return time + (0x7000 + sequence).toString(16) + (isOneOfMany ? random : draw());
}

/**
 * The end of the browser's own UUID, or where a page has none (without TLS, or because it took it away) of one that
 * could be guessed, which is better than none.
 */
function draw(): string {
  if (!drawn.length) drawn = quietly(() => [...Array(16)].map(() => crypto.randomUUID().slice(18)), []);
  return drawn.pop() ?? `-8${hex(Math.random() * 2 ** 12, 3)}-${hex(Math.random() * 2 ** 48, 12)}`;
}

const hex = (number: number, length: number) => Math.floor(number).toString(16).padStart(length, '0');
