import { randomFillSync } from 'node:crypto';

/**
 * Which names were seen, as fingerprints in one piece of memory: a million texts in a `Map` are what a collector under load
 * spends most of its garbage collection on.
 *
 * A fingerprint has 128 bits, so among a million names another one looks like one of them once in 10^30 times or so. It
 * begins with words that only this process knows, so that nobody can look for a name that hides another.
 */
export interface Names {
  readonly size: number;
  has(name: string): boolean;
  add(name: string): void;
}

/** Words of a fingerprint. */
const WORDS = 4;
const FIRST_SLOTS = 1_024;
/** Odd, with bits all over: one for each word. */
const MULTIPLIERS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;
const SEEDS = randomFillSync(new Int32Array(WORDS));

/** @param expected - About how many there will be: for so many it makes room at once. */
export function createNames(expected = 0): Names {
  let slots = FIRST_SLOTS;
  while (slots < 2 * expected) slots *= 2;
  let table = new Int32Array(slots * WORDS);
  let size = 0;

  /** Where the fingerprint in `mark` stands, or the free place where it belongs. */
  function find(): number {
    let slot = (mark[0] as number) & (slots - 1);
    for (;;) {
      const at = slot * WORDS;
      if (isFree(table, at) || isMarkAt(table, at)) return at;
      slot = (slot + 1) & (slots - 1);
    }
  }

  function grow(): void {
    const old = table;
    slots *= 2;
    table = new Int32Array(slots * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (isFree(old, at)) continue;
      mark.set(old.subarray(at, at + WORDS));
      table.set(mark, find());
    }
  }

  return {
    get size() {
      return size;
    },
    has(name) {
      takeFingerprint(name);
      return !isFree(table, find());
    },
    add(name) {
      // At most half full, so that a search is short.
      if (2 * (size + 1) > slots) grow();
      takeFingerprint(name);
      const at = find();
      if (!isFree(table, at)) return;
      table.set(mark, at);
      size += 1;
    },
  };
}

/** The fingerprint of the name at hand: made in place, because it is made for every interaction. */
const mark = new Int32Array(WORDS);

function takeFingerprint(name: string): void {
  let [a = 0, b = 0, c = 0, d = 0] = SEEDS;
  const [p, q, r, s] = MULTIPLIERS;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    a = Math.imul(a ^ code, p);
    b = Math.imul(b ^ code, q);
    c = Math.imul(c ^ code, r);
    d = Math.imul(d ^ code, s);
    // What stands high comes down, or the low bits of all words would be the same ones.
    a ^= b >>> 15;
    b ^= c >>> 13;
    c ^= d >>> 16;
    d ^= a >>> 14;
  }
  // A free place is all zeros in its first word.
  mark[0] = mix(a) || 1;
  mark[1] = mix(b ^ a);
  mark[2] = mix(c ^ b);
  mark[3] = mix(d ^ c);
}

function mix(word: number): number {
  const half = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  const whole = Math.imul(half ^ (half >>> 15), 0x846ca68b);
  return whole ^ (whole >>> 16);
}

const isFree = (table: Int32Array, at: number) => table[at] === 0;

const isMarkAt = (table: Int32Array, at: number) =>
  table[at] === mark[0] &&
  table[at + 1] === mark[1] &&
  table[at + 2] === mark[2] &&
  table[at + 3] === mark[3];
