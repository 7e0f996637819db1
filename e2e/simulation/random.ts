/** Chance that can be repeated: everything a simulation decides comes from one of these. */
export interface Random {
  /** From 0 to just below 1. */
  next(): number;
  chance(probability: number): boolean;
  between(from: number, to: number): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
  fill(bytes: Uint8Array): void;
}

/** Makes the {@link Random} of a seed (sfc32: small, fast, and without visible patterns). */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [seed >>> 0, (seed / 2 ** 32) >>> 0, 0x9e3779b9, 1];
  const next32 = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  // Neighbouring seeds begin alike; a few rounds part them.
  for (let round = 0; round < 12; round += 1) next32();
  const next = () => next32() / 2 ** 32;
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    between: (from, to) => from + next() * (to - from),
    pick: <Item>(items: readonly Item[]) => items[integer(0, items.length - 1)] as Item,
    fill(bytes) {
      for (let at = 0; at < bytes.byteLength; at += 1) bytes[at] = next32();
    },
  };
}
