import { expect, test } from 'vitest';
import { admit, admitAddress, type Limits } from './admission.ts';
import { demoSite, type Site, type WriteKey } from './sites.ts';

const noLimits: Limits = {
  countAddress: async () => undefined,
  countKey: async () => undefined,
  usedOn: async () => 0,
  spendOn: async () => 0,
};

const aSite = (key: Omit<WriteKey, 'key'>, site: Partial<Site> = {}): Site => ({
  ...demoSite,
  id: 'venue',
  timeZone: 'America/New_York',
  writeKeys: [{ key: 'wk_first', ...key }],
  ...site,
});

const enter = (
  site: Site,
  limits: Partial<Limits> = {},
  { at = 0, origin = undefined as string | undefined } = {},
) =>
  admit(
    {
      sites: () => [site],
      limits: { ...noLimits, ...limits },
      intake: { take: async () => ({ duplicates: 0 }) },
      now: () => at,
    },
    { key: 'wk_first', origin },
    async (_site, intake) => {
      await intake.letIn?.(7);
      await intake.take(
        Array.from({ length: 7 }, (_, index) => ({ kind: 'i', key: `k${index}`, json: '{}' })),
      );
      return { accepted: 7 };
    },
  );

test('a revoked key is told that it was', async () => {
  await expect(enter(aSite({ isRevoked: true }))).rejects.toMatchObject({
    status: 401,
    code: 'key_revoked',
    message: 'This write key of the site "venue" was revoked. Use another one of the site.',
  });
});

test('a key may be for some origins of its site only', async () => {
  const origins = ['https://venue.example', 'https://box.venue.example'];
  const site = aSite({ origins: ['https://box.venue.example'] }, { origins });

  await expect(enter(site, {}, { origin: 'https://venue.example' })).rejects.toMatchObject({
    status: 403,
    code: 'origin_refused',
    message: expect.stringContaining('This write key'),
  });
  await expect(enter(site, {}, { origin: 'https://box.venue.example' })).resolves.toEqual({ accepted: 7 });
  await expect(enter(site)).resolves.toEqual({ accepted: 7 });
});

test('a key that makes too many requests hears when it may go on, in whole seconds', async () => {
  const site = aSite({ name: 'box office', rate: 5 });

  await expect(enter(site, { countKey: async () => 1_001 })).rejects.toMatchObject({
    status: 429,
    code: 'key_rate',
    message:
      'The write key "box office" of the site "venue" makes more than its 5 requests a second. Nothing was taken: send this again in 2 s.',
    retryAfterSeconds: 2,
  });
  await expect(enter(site, { countKey: async () => 3 })).rejects.toMatchObject({ retryAfterSeconds: 1 });
  await expect(enter(site)).resolves.toEqual({ accepted: 7 });
});

test('what a key sends counts on the day of its site', async () => {
  const spent: unknown[] = [];
  const spendOn: Limits['spendOn'] = async (...told) => {
    spent.push(told);
    return 99;
  };
  const site = aSite({ dailyQuota: 100 });

  // 3 a.m. in UTC is yesterday in New York.
  await enter(site, { usedOn: async () => 99, spendOn }, { at: Date.parse('2026-03-02T03:00:00Z') });

  expect(spent).toEqual([['2026-03-01', site, site.writeKeys[0], 7]]);
});

test.each([
  // Midnight in New York is 5 a.m. in UTC in winter and 4 a.m. in summer.
  ['2026-01-15T12:00:00Z', 3_600],
  ['2026-01-15T04:30:00Z', 1_800],
  ['2026-07-15T03:30:00Z', 1_800],
  ['2026-01-15T04:59:59.900Z', 1],
  ['2026-01-15T04:00:00Z', 3_600],
])('at %s a key that used its day up waits %i s', async (time, seconds) => {
  const site = aSite({ dailyQuota: 100 });
  const limits = { usedOn: async () => 100 };

  await expect(enter(site, limits, { at: Date.parse(time) })).rejects.toMatchObject({
    status: 429,
    code: 'key_quota',
    retryAfterSeconds: seconds,
  });
});

test('a key without limits costs no look at any', async () => {
  const touched: string[] = [];
  const limits = new Proxy(noLimits, {
    get: (target, name: keyof Limits) => {
      touched.push(name);
      return target[name];
    },
  });

  const intake = { take: async () => ({ duplicates: 0 }) };
  await admit(
    { sites: () => [demoSite], limits, intake },
    { key: 'wk_demo', origin: undefined },
    async () => ({
      accepted: 1,
    }),
  );

  expect(touched).toEqual([]);
});

test('a network that makes too many requests is told so without being named', async () => {
  await expect(
    admitAddress({ ...noLimits, countAddress: async () => 400 }, '203.0.113.7'),
  ).rejects.toMatchObject({
    status: 429,
    code: 'address_rate',
    retryAfterSeconds: 1,
    message: expect.not.stringContaining('203.0.113'),
  });
});
