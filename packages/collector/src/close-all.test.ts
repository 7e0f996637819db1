import { expect, test } from 'vitest';
import { closeAll } from './close-all.ts';

const closing = (failing: readonly string[]) => {
  const closed: string[] = [];
  const closers = ['engine', 'log', 'folder'].map((name) => async () => {
    closed.push(name);
    if (failing.includes(name)) throw new Error(`${name} is stuck`);
  });
  return { closed, closers };
};

test('closes the others when one cannot be closed, and says which', async () => {
  const one = closing(['log']);
  const two = closing(['log', 'folder']);

  await expect(closeAll(one.closers)).rejects.toThrow('log is stuck');
  await expect(closeAll(two.closers)).rejects.toThrow(
    '2 parts of the collector could not be closed: Error: folder is stuck; Error: log is stuck',
  );

  expect(one.closed).toEqual(['folder', 'log', 'engine']);
  expect(two.closed).toEqual(['folder', 'log', 'engine']);
  // Closed once, whoever asks again.
  await closeAll(one.closers);
  expect(one.closed).toHaveLength(3);
});
