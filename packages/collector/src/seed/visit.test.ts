import { expect, test } from 'vitest';
import { demoSite } from '../sites.ts';
import { toRow } from '../testing/to-row.ts';
import { describeAgent } from '../user-agent.ts';
import { createProgram } from './program.ts';
import { createRandom } from './random.ts';
import { createVisit } from './visit.ts';

test('what made-up fans pay is money of the site, whatever its currency', () => {
  const now = Date.UTC(2026, 0, 1, 12);
  const random = createRandom('fans');
  const program = createProgram(20, now);
  const facts = { receivedAt: now, sentAt: now, attempt: 0, agent: describeAgent(''), warn: () => {} };

  const rows = Array.from({ length: 100 }, () =>
    createVisit(random, program, 'fan', now - 3_600_000),
  ).flatMap((batch) =>
    batch.interactions.map((interaction) =>
      toRow(interaction, batch, {
        ...facts,
        site: { ...demoSite, currency: 'EUR' },
        userKey: '1',
      }),
    ),
  );

  const purchases = rows.filter(({ type }) => type === 'purchase');
  expect(purchases.length).toBeGreaterThan(10);
  for (const { value, site_value, price_min } of purchases) {
    expect(Number(site_value)).toBeGreaterThan(0);
    expect(site_value).toBe(value);
    expect(Number(price_min)).toBeGreaterThan(0);
  }
});
