import { expect, test } from 'vitest';
import type { Limits } from './admission.ts';
import { createCaps } from './caps.ts';
import { createLimits } from './limits.ts';
import { LogBusy } from './log/log.ts';
import { demoSite } from './sites.ts';
import { anApp, NOW } from './testing/app.ts';

const key = { key: 'wk_demo', dailyQuota: 10 };
const today = new Date(NOW).toISOString().slice(0, 10);
const used = (limits: Limits) => limits.usedOn(today, demoSite, key);

async function aLimitedApp(overrides: Parameters<typeof anApp>[0] = {}) {
  const silent = { info: () => {}, warn: () => {} };
  const limits = await createLimits({ addressRate: 0, redisUrl: undefined, log: silent });
  const collector = anApp({ sites: () => [{ ...demoSite, writeKeys: [key] }], limits, ...overrides });
  const post = (types: string[], more: object = {}) =>
    collector.post('/v1/interactions?key=wk_demo&attempt=0', {
      batch_id: crypto.randomUUID(),
      visitor_id: 'ann',
      session_id: 's',
      interactions: types.map((type) => ({ id: crypto.randomUUID(), type, occurred_at: NOW, ...more })),
    });
  const segment = (batch: object[]) => collector.post('/v1/batch', { writeKey: 'wk_demo', batch });
  return { ...collector, limits, post, segment };
}

const clicks = (count: number) => Array.from({ length: count }, () => 'click');

test('many requests at once do not pass a quota together', async () => {
  const { post, limits, rows } = await aLimitedApp();

  const answers = await Promise.all(Array.from({ length: 20 }, () => post(clicks(4))));

  // The third one reaches it, and is taken whole.
  expect(answers.map(({ status }) => status).filter((status) => status === 202)).toHaveLength(3);
  expect(rows()).toHaveLength(12);
  expect(await used(limits)).toBe(12);
});

test('what is rejected, or could not be taken, costs nothing', async () => {
  const { post, limits, dependencies } = await aLimitedApp();
  await post(['click', 'nonsense']);
  expect(await used(limits)).toBe(1);

  dependencies.intake.take = async () => {
    throw new LogBusy();
  };
  expect((await post(clicks(5))).status).toBe(503);
  expect((await dependencies.limits?.usedOn(today, demoSite, key)) ?? 0).toBe(1);
});

test('a message of Segment costs the interactions that it stands for, of all its people', async () => {
  const { segment, limits, rows } = await aLimitedApp();
  const order = (person: string) => ({
    type: 'track',
    event: 'Order Completed',
    messageId: person,
    anonymousId: person,
    timestamp: new Date(NOW).toISOString(),
    properties: {
      order_id: person,
      products: Array.from({ length: 6 }, (_, index) => ({ product_id: `p${index}`, price: 1 })),
    },
  });

  expect((await segment([order('ann'), order('bob'), order('cy')])).status).toBe(200);
  expect((await segment([order('dee')])).status).toBe(429);

  expect(rows()).toHaveLength(18);
  expect(await used(limits)).toBe(18);
});

test('what is refused teaches a site no name, and leaves no rejected rows', async () => {
  const caps = createCaps({ onCapped() {}, limits: { surface: 4 } });
  const { post, segment, rejected } = await aLimitedApp({ caps });

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(clicks(4), { surface: `place ${index}` })),
  );
  await segment([{ type: 'track', event: 'Clicked', messageId: 'm' }, { type: 'nonsense' }]);

  expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
  const rows = ['new', 'one too many'].map((surface) => ({ surface }));
  for (const row of rows) caps.apply('demo', new Date(NOW).toISOString(), row);
  expect(rows.map(({ surface }) => surface)).toEqual(['new', '(other)']);
  expect(rejected()).toEqual([]);
});
