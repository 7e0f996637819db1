import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

/** A page of its own: what was drawn before is not known. */
async function aPage() {
  vi.resetModules();
  return (await import('./uuid.ts')).uuidv7;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const AT = 1_795_000_000_000;
const times = <Made>(count: number, make: (n: number) => Made) =>
  Array.from({ length: count }, (_, n) => make(n));

test('makes another id each time, also where the clock stands for longer than a count lasts', async () => {
  const uuidv7 = await aPage();
  const ids = times(10_000, (n) => uuidv7(AT, n % 3 > 0));

  expect(new Set(ids).size).toBe(10_000);
  for (const id of ids) expect(id).toMatch(UUID);
});

test('repeats no id where the clock goes to and fro', async () => {
  const uuidv7 = await aPage();
  const ids = times(5_000, (n) => uuidv7(AT + (n % 2), true));

  expect(new Set(ids).size).toBe(5_000);
});

test('begins with the time, and counts up within a millisecond', async () => {
  const uuidv7 = await aPage();
  const ids = times(300, (n) => uuidv7(AT + Math.floor(n / 100), n % 3 > 0));

  expect([...ids].sort()).toEqual(ids);
  expect(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)).toBe(AT);
});

test('tells nothing of one page in the ids of another at the same moment', async () => {
  const [one, other] = [await aPage(), await aPage()];

  expect(one(AT, true).slice(19)).not.toBe(other(AT, true).slice(19));
});

test('an id of a person has nothing in common with what they did at that moment', async () => {
  const uuidv7 = await aPage();
  const [before, visitor, session, after] = [uuidv7(AT, true), uuidv7(AT), uuidv7(AT), uuidv7(AT, true)];
  const ends = [before, visitor, session, after].map((id) => id?.slice(19));

  expect(new Set(ends).size).toBe(3);
  expect(ends[0]).toBe(ends[3]);
});

test('makes ids also where the page took the random numbers away', async () => {
  vi.stubGlobal('crypto', {});
  const uuidv7 = await aPage();
  const ids = times(200, (n) => uuidv7(AT + n, n % 2 > 0));

  expect(new Set(ids.map((id) => id.slice(19))).size).toBe(200);
  for (const id of ids) expect(id).toMatch(UUID);
});
