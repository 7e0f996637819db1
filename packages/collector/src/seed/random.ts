/** A random number generator with a seed: the same seed gives the same history. */
export interface Random {
  /** 0 ≤ n < 1. */
  next(): number;
  /** A whole number, `from` ≤ n < `to`. */
  int(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
  chance(probability: number): boolean;
  /** A UUID (version 8, as made-up ones are to be). */
  uuid(): string;
}

/** Mulberry32 over a hash of the text: small, and even enough for made-up fans. */
export function createRandom(seed: string): Random {
  let state = 2_166_136_261;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16_777_619);

  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from));
  const hex = (digits: number) => Array.from({ length: digits }, () => int(0, 16).toString(16)).join('');
  return {
    next,
    int,
    pick: (items) => items[int(0, items.length)] as (typeof items)[number],
    chance: (probability) => next() < probability,
    uuid: () => `${hex(8)}-${hex(4)}-8${hex(3)}-${'89ab'[int(0, 4)]}${hex(3)}-${hex(12)}`,
  };
}
