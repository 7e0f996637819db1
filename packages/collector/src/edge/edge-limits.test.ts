import { expect, test, vi } from 'vitest';
import { admit } from '../admission.ts';
import type { Intake } from '../intake.ts';
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

test('asks again about a key that was used up: elsewhere some may have been given back', async () => {
  let [now, taken] = [Date.parse('2026-03-01T12:00:00.000Z'), 0];
  const namespace = {
    idFromName: (name: string) => name,
    get: () => ({
      async fetch(url: string) {
        const before = taken;
        taken += Number(new URL(url).searchParams.get('interactions'));
        return Response.json({ before });
      },
    }),
  };
  const aWorker = () => {
    const limits = createEdgeLimits(namespace, undefined, () => now);
    return (dailyQuota: number, interactions: number) => {
      const sites = () => [{ ...demoSite, writeKeys: [{ key: 'wk_demo', dailyQuota }] }];
      const intake: Intake = { take: async () => ({ duplicates: 0 }) };
      return admit(
        { sites, limits, intake, now: () => now },
        { key: 'wk_demo', origin: undefined },
        async (_site, { letIn }) => letIn?.(interactions),
      );
    };
  };
  const [here, elsewhere] = [aWorker(), aWorker()];

  const giveBack = await elsewhere(10, 12);
  await expect(here(10, 1)).rejects.toMatchObject({ code: 'key_quota' });
  await giveBack?.(12);
  // Not told yet; a quota that was raised holds at once.
  await expect(here(10, 1)).rejects.toMatchObject({ code: 'key_quota' });
  await expect(here(20, 1)).resolves.toBeTypeOf('function');
  taken = 12;
  await here(20, 1);
  taken = 0;
  now += 60_000;

  await expect(here(10, 1)).resolves.toBeTypeOf('function');
});
