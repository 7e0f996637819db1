import { expect, test } from 'vitest';
import { aFolder } from './testing/temporary.ts';
import { aBatch, aClick, aWorker, PATIENTLY } from './worker.test-helper.ts';

test('holds the rate of a write key', async () => {
  const { post } = await aWorker({ limits: { rate: 2, name: 'box office' } });

  const answers = await Promise.all(Array.from({ length: 12 }, () => post(aBatch([aClick()]))));

  const refused = answers.filter(({ status }) => status === 429);
  // However slow this machine is, twelve requests at once do not take six seconds.
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(1);
  expect(refused[0]?.headers.get('Retry-After')).toBe('1');
  expect(await refused[0]?.json()).toMatchObject({ error: { code: 'key_rate' } });
});

test('holds the quota of a write key, also after its counter was moved', async () => {
  const { post, counted, key, restart } = await aWorker({
    limits: { daily_quota: 10 },
    storage: await aFolder(),
  });

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(aBatch([aClick(), aClick(), aClick(), aClick()]))),
  );
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
  await expect.poll(counted, PATIENTLY).toEqual({ raw: 12, clicks: 12 });
  const { url } = await restart();
  const late = await fetch(`${url}/v1/interactions?key=${key}`, {
    method: 'POST',
    body: JSON.stringify(aBatch([aClick()])),
  });

  expect(late.status).toBe(429);
  expect(await late.json()).toMatchObject({ error: { code: 'key_quota' } });
});

test('limits networks where the platform was asked to count them', async () => {
  const { post } = await aWorker({ addressLimit: 3 });
  const from = (address: string) => post(aBatch([aClick()]), { headers: { 'CF-Connecting-IP': address } });

  const answers = [];
  // Of one network: the last number of an address is not looked at.
  for (let host = 1; host <= 4; host += 1) answers.push((await from(`203.0.113.${host}`)).status);

  expect(answers).toEqual([202, 202, 202, 429]);
  expect((await from('198.51.100.1')).status).toBe(202);
});
