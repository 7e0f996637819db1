import { expect, test, vi } from 'vitest';
import { demoSite } from '../sites.ts';
import { createEdgeLimits } from './edge-limits.ts';
import { edgeLog } from './edge-log.ts';

test('lets in what cannot be counted now, by key and by network, and says so', async () => {
  const said = vi.spyOn(edgeLog, 'warn').mockImplementation(() => {});
  const down = async () => {
    throw new Error('the platform is down');
  };
  const limits = createEdgeLimits(
    { idFromName: (name) => name, get: () => ({ fetch: down }) },
    { limit: down },
  );
  const key = { key: 'wk_demo', rate: 1, dailyQuota: 1 };

  expect(await limits.countAddress('203.0.113.1')).toBeUndefined();
  expect(await limits.countKey(demoSite, key)).toBeUndefined();
  expect(await limits.spendOn('2026-03-01', demoSite, key, 5)).toBe(0);

  expect(said).toHaveBeenCalledTimes(3);
});
