import type { Interaction } from '@turnout/schema';
import { expect, test } from 'vitest';
import { createKnowledge } from './knowledge.ts';
import { learnTraits } from './learn-traits.ts';
import { demoSite } from './sites.ts';

test('what a phone tells that was offline does not take the place of what was told since', async () => {
  const known = createKnowledge();
  const receivedAt = 1_700_000_000_000;
  const tell = (city: string, occurred_at: number) => {
    const id = '019b7706-0000-7000-8000-000000000001';
    const interaction: Interaction = { id, type: 'identify', occurred_at, props: { city } };
    const batch = { batch_id: id, user_id: 'ann', session_id: 's' };
    return learnTraits([{ interaction }], demoSite, batch, {
      learning: { known, facts: { take: async () => ({ duplicates: 0 }) }, visitorKey: () => '1' },
      isErased: undefined,
      facts: new Map(),
      userKeyOn: async () => '17',
      year: 2023,
      receivedAt,
      sentAt: undefined,
    });
  };

  await tell('Leeds', receivedAt - 86_400_000);
  await tell('York', receivedAt - 1_000);
  await tell('Leeds', receivedAt - 3_600_000);

  expect(known.person('demo', '17')).toEqual({ city: 'York' });
});
