import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { holdBack } from './hold-back.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});
afterEach(() => vi.useRealTimers());

test('waits a quarter of a second, and not at all when a thousand wait already', async () => {
  let gone = 0;
  const hold = () => void holdBack().then(() => (gone += 1));

  for (let n = 0; n < 1_000; n++) hold();
  await vi.advanceTimersByTimeAsync(249);
  expect(gone).toBe(0);
  hold();
  await vi.advanceTimersByTimeAsync(0);
  expect(gone).toBe(1);

  await vi.advanceTimersByTimeAsync(1);
  expect(gone).toBe(1_001);
  hold();
  await vi.advanceTimersByTimeAsync(0);
  expect(gone).toBe(1_001);
  await vi.advanceTimersByTimeAsync(250);
  expect(gone).toBe(1_002);
});
