import { expect, onTestFinished, test, vi } from 'vitest';
import { createLimits } from './limits.ts';
import { demoSite } from './sites.ts';

async function someLimits({ addressRate = 3, redisUrl = undefined as string | undefined } = {}) {
  const said: string[] = [];
  const say = (_details: object, message: string) => void said.push(message);
  const limits = await createLimits({ addressRate, redisUrl, log: { info: say, warn: say } });
  onTestFinished(limits.close);
  return { limits, said };
}

/** Time stands still: a window must not end in the middle of a test. */
function stopTheClock(): void {
  vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z') });
  onTestFinished(() => void vi.useRealTimers());
}

const timesLetIn = async (times: number, attempt: () => Promise<number | undefined>) => {
  const waits = [];
  for (let time = 0; time < times; time += 1) waits.push(await attempt());
  return waits.filter((wait) => wait === undefined).length;
};

test('a network may make so many requests a second, and is told when it may go on', async () => {
  stopTheClock();
  const { limits } = await someLimits();

  expect(await timesLetIn(10, () => limits.countAddress('203.0.113.7'))).toBe(3);
  expect(await limits.countAddress('203.0.113.200')).toBe(1_000);
  expect(await limits.countAddress('203.0.114.7')).toBeUndefined();

  vi.advanceTimersByTime(400);
  expect(await limits.countAddress('203.0.113.7')).toBe(600);
  vi.advanceTimersByTime(600);
  expect(await limits.countAddress('203.0.113.7')).toBeUndefined();
});

test('all addresses of a customer of IPv6 count as one', async () => {
  stopTheClock();
  const { limits } = await someLimits();
  const hosts = Array.from({ length: 10 }, (_, index) => `2001:db8:7:${index}::1`);

  expect(await timesLetIn(10, () => limits.countAddress(hosts.pop() as string))).toBe(3);
  expect(await limits.countAddress('2001:db8:8::1')).toBeUndefined();
});

test.each(['127.0.0.1', '::1', ''])('this machine (%j) is not limited', async (address) => {
  const { limits } = await someLimits({ addressRate: 1 });

  expect(await timesLetIn(10, () => limits.countAddress(address))).toBe(10);
});

test('a rate of 0 lets everybody in', async () => {
  const { limits } = await someLimits({ addressRate: 0 });

  expect(await timesLetIn(10, () => limits.countAddress('203.0.113.7'))).toBe(10);
});

test('keys count apart, each by its own rate', async () => {
  stopTheClock();
  const { limits } = await someLimits();
  const twice = { key: 'wk_twice', rate: 2 };
  const fourTimes = { key: 'wk_four_times', rate: 4 };

  expect(await timesLetIn(10, () => limits.countKey(demoSite, twice))).toBe(2);
  expect(await timesLetIn(10, () => limits.countKey(demoSite, fourTimes))).toBe(4);
  expect(await timesLetIn(10, () => limits.countKey({ ...demoSite, id: 'other' }, twice))).toBe(2);
  expect(await timesLetIn(10, () => limits.countKey(demoSite, { key: 'wk_any' }))).toBe(10);
});

test('what a key used is counted by day', async () => {
  const { limits } = await someLimits();
  const key = { key: 'wk_a' };

  expect(await limits.spendOn('2026-03-01', demoSite, key, 20)).toBe(0);
  expect(await limits.spendOn('2026-03-01', demoSite, key, 15)).toBe(20);
  expect(await limits.spendOn('2026-03-01', demoSite, key, -10)).toBe(35);

  expect(await limits.usedOn('2026-03-01', demoSite, key)).toBe(25);
  expect(await limits.usedOn('2026-03-02', demoSite, key)).toBe(0);
  expect(await limits.usedOn('2026-03-01', demoSite, { key: 'wk_b' })).toBe(0);
});

test('while Redis is away the limits hold in this process, and it is said once', async () => {
  // Port 1 is reserved: nothing listens there.
  const { limits, said } = await someLimits({ redisUrl: 'redis://127.0.0.1:1' });
  const key = { key: 'wk_a', rate: 1_000_000 };

  expect(await timesLetIn(50, () => limits.countAddress('203.0.113.7'))).toBeLessThan(50);
  expect(await timesLetIn(50, () => limits.countKey(demoSite, key))).toBe(50);
  await limits.spendOn('2026-03-01', demoSite, key, 20);
  expect(await limits.usedOn('2026-03-01', demoSite, key)).toBe(20);
  await expect.poll(() => said).toEqual([expect.stringContaining('Redis is away')]);
});
