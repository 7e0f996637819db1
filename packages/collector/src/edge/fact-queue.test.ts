import { expect, test } from 'vitest';
import { createFactQueue } from './fact-queue.ts';
import type { QueuedEntry } from './messages.ts';

const MINUTE_MS = 60_000;

test('sends a fact once in a while, and again when it may have been erased meanwhile', async () => {
  let now = 0;
  const sent: string[] = [];
  const facts = createFactQueue(
    async (entries) => void sent.push(...entries.map(({ key }) => key)),
    () => now,
  );
  const link = { kind: 'l', key: 'demo/link:1:7', json: '{}' } as QueuedEntry;

  await facts.take([link]);
  now += 4 * MINUTE_MS;
  expect(await facts.take([link])).toEqual({ duplicates: 1 });
  now += 4 * MINUTE_MS;
  expect(await facts.take([link])).toEqual({ duplicates: 1 });
  expect(sent).toHaveLength(1);

  now += 5 * MINUTE_MS;
  expect(await facts.take([link])).toEqual({ duplicates: 0 });
  now += 24 * 60 * MINUTE_MS;
  expect(await facts.take([link])).toEqual({ duplicates: 0 });
  expect(sent).toHaveLength(3);
});
