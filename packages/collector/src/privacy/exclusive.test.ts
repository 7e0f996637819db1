import { expect, test } from 'vitest';
import { createFilling } from '../filling.ts';
import { createExclusive } from './exclusive.ts';

test('refuses what would wait for the history of a cluster, and nothing once that is over', async () => {
  let fail = (_: Error) => {};
  const answer = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const exclusive = createExclusive();
  const filling = createFilling({
    database: {
      cluster: 'fans',
      command: () => answer,
      query: () => answer,
      insertBlock: () => answer,
      ping: () => answer,
      close: async () => {},
    },
    isAlone: true,
    underWay: async () => [],
    exclusive,
    log: { info() {}, warn() {} },
  });
  exclusive.requireNoLongWait();

  const beginning = exclusive.run(filling.begin, filling.whyLong);
  await Promise.resolve();

  expect(filling.state()).toBe('wait for their history, which is filled from raw before rows are stored');
  expect(() => exclusive.requireNoLongWait()).toThrow(
    expect.objectContaining({
      status: 503,
      retryAfterSeconds: 60,
      message: expect.stringContaining('new rollups wait for their history'),
    }),
  );
  fail(new Error('away'));
  await expect(beginning).rejects.toThrow('away');
  exclusive.requireNoLongWait();
});

test('what is quick, or on one server, is waited for', async () => {
  const exclusive = createExclusive();
  const done: string[] = [];

  const first = exclusive.run(
    async () => done.push('first'),
    () => undefined,
  );
  exclusive.requireNoLongWait();
  await exclusive.run(async () => done.push('second'));
  await first;

  expect(done).toEqual(['first', 'second']);
});
