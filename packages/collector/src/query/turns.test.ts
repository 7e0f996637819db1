import { expect, test } from 'vitest';
import { createTurns, TooMany } from './turns.ts';

/** Work that ends when it is told to. */
function work() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const state = { isBegun: false };
  const run = () => {
    state.isBegun = true;
    return ended;
  };
  return { run, end: () => end(), state };
}

test('does two things at once, the others in their order, and refuses who would wait behind too many', async () => {
  const takeTurn = createTurns({ atOnce: 2, maxWaiting: 1, maxWaitingEach: 1 });
  const all = [work(), work(), work()];
  const done = all.map(({ run }, who) => takeTurn(`${who}`, run));
  const begun = () => all.map(({ state }) => state.isBegun);
  expect(begun()).toEqual([true, true, false]);

  await expect(takeTurn('late', async () => 'too late')).rejects.toThrow(TooMany);
  all[0]?.end();
  await done[0];
  expect(begun()).toEqual([true, true, true]);
  for (const { end } of all) end();
  await Promise.all(done);

  expect(await takeTurn('late', async () => 'again')).toBe('again');
});

test('goes on when one of them fails', async () => {
  const takeTurn = createTurns({ atOnce: 1, maxWaiting: 9, maxWaitingEach: 9 });
  const failing = takeTurn('a', () => Promise.reject(new Error('broken')));
  const next = takeTurn('b', async () => 'next');

  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});

test('who asks for much waits for themselves alone', async () => {
  const takeTurn = createTurns({ atOnce: 2, maxWaiting: 9, maxWaitingEach: 2 });
  const long = work();
  const greedy = [long.run, async () => 'second', async () => 'third'].map((run: () => Promise<unknown>) =>
    takeTurn('greedy', run),
  );

  expect(await takeTurn('other', async () => 'at once')).toBe('at once');
  await expect(takeTurn('greedy', async () => 'fourth')).rejects.toThrow(TooMany);
  expect(await takeTurn('other', async () => 'at once again')).toBe('at once again');

  long.end();
  expect(await Promise.all(greedy)).toEqual([undefined, 'second', 'third']);
});

test('those who wait take turns', async () => {
  const takeTurn = createTurns({ atOnce: 1, maxWaiting: 9, maxWaitingEach: 9 });
  const done: string[] = [];
  const asked = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) =>
    takeTurn(name.slice(0, 1), async () => void done.push(name)),
  );

  await Promise.all(asked);

  expect(done).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});

test('who hung up holds no place in the line, and asks nothing any more', async () => {
  const takeTurn = createTurns({ atOnce: 1, maxWaiting: 1, maxWaitingEach: 1 });
  const long = work();
  const first = takeTurn('a', long.run);
  const hangUp = new AbortController();
  const gone = work();
  const left = takeTurn('b', gone.run, hangUp.signal);

  hangUp.abort(new Error('hung up'));
  const next = takeTurn('b', async () => 'next');

  await expect(left).rejects.toThrow('hung up');
  long.end();
  await first;
  expect(await next).toBe('next');
  expect(gone.state.isBegun).toBe(false);
});
