import { expect, test } from 'vitest';
import type { LogEntry } from './log/record.ts';
import { createTail, MOST_WATCHERS } from './tail.ts';

const entry = (kind: LogEntry['kind'], id: string): LogEntry => ({
  kind,
  key: `venue/${id}`,
  json: JSON.stringify({ id }),
});

/** Somebody who watches and takes lines while `isQuick` holds. */
function aWatcher(tail = createTail()) {
  const watcher = { tail, isQuick: true, isEnded: false, lines: [] as unknown[] };
  const leave = tail.watch(
    (line) => {
      if (watcher.isQuick) watcher.lines.push(JSON.parse(line));
      return watcher.isQuick;
    },
    () => {
      watcher.isEnded = true;
    },
  );
  return { watcher, tail, leave };
}

test('shows accepted and rejected interactions, and nothing else of the log', () => {
  const { watcher, tail } = aWatcher();

  tail.taken([entry('i', '1'), entry('k', 'key'), entry('d', '2'), entry('e', 'known'), entry('r', '3')]);

  expect(watcher.lines).toEqual([
    { accepted: { id: '1' } },
    { accepted: { id: '2' } },
    { rejected: { id: '3' } },
  ]);
});

test('waits for nobody, and says how much a slow watcher missed', () => {
  const { watcher, tail } = aWatcher();

  watcher.isQuick = false;
  tail.taken([entry('i', '1'), entry('i', '2')]);
  watcher.isQuick = true;
  tail.taken([entry('i', '3')]);

  expect(watcher.lines).toEqual([{ missed: 2 }, { accepted: { id: '3' } }]);
});

test('lets only so many watch, and another one when somebody has left', () => {
  const tail = createTail();
  const watchers = Array.from({ length: MOST_WATCHERS }, () => aWatcher(tail));

  expect(aWatcher(tail).leave).toBeUndefined();
  watchers[0]?.leave?.();
  tail.taken([entry('i', '1')]);

  expect(watchers[0]?.watcher.lines).toEqual([]);
  expect(watchers[1]?.watcher.lines).toHaveLength(1);
  expect(aWatcher(tail).leave).toBeDefined();
});

test('sends everybody away when the collector stops', () => {
  const { watcher, tail } = aWatcher();

  tail.close();
  tail.taken([entry('i', '1')]);

  expect(watcher).toMatchObject({ isEnded: true, lines: [] });
});
