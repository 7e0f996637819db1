/** The name that `wrong` is most likely a slip of; nothing where none is near. */
export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, wrong.length / 3);
  const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, '');
  for (const name of names) {
    const [left, right] = [plain(wrong), plain(name)];
    const slips = left === right ? 0 : distance(left, right);
    if (slips < least) {
      best = name;
      least = slips;
    }
  }
  return best;
}

/** How many letters have to be added, left out or changed (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (const [place, other] of [...right].entries()) {
      const [above = 0, before = 0] = [row[place + 1], row[place]];
      next.push(Math.min(above + 1, (next[place] ?? 0) + 1, before + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
