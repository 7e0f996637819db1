import type { Interaction } from '@turnout/schema';
import { expect, test } from 'vitest';
import type { LogEntry } from './intake.ts';
import { createKnowledge } from './knowledge.ts';
import { learnTraits } from './learn-traits.ts';
import { demoSite } from './sites.ts';

test('what a phone tells that was offline does not take the place of what was told since', async () => {
  const known = createKnowledge();
  const facts = new Map<string, LogEntry>();
  const receivedAt = 1_700_000_000_000;
  const tell = (props: { city?: string; gender?: string }, occurred_at: number) => {
    const id = '019b7706-0000-7000-8000-000000000001';
    const interaction: Interaction = { id, type: 'identify', occurred_at, props };
    const batch = { batch_id: id, user_id: 'ann', session_id: 's' };
    return learnTraits([{ interaction }], demoSite, batch, {
      learning: { known, facts: { take: async () => ({ duplicates: 0 }) }, visitorKey: () => '1' },
      isErased: undefined,
      facts,
      userKeyOn: async () => '17',
      year: 2023,
      receivedAt,
      sentAt: undefined,
    });
  };

  await tell({ city: 'Leeds' }, receivedAt - 86_400_000);
  await tell({ city: 'York' }, receivedAt - 1_000);
  await tell({ city: 'Leeds', gender: 'female' }, receivedAt - 3_600_000);

  expect(known.person('demo', '17')).toEqual({ city: 'York', gender: 'female' });
  // In the table the highest version counts, and of equal ones the last.
  const rows = [...facts.values()].map(({ json }) => JSON.parse(json));
  expect(rows.at(-1)).toMatchObject({ city: 'York', gender: 'female', version: String(receivedAt - 1_000) });
});
