import { randomUUID } from 'node:crypto';
import { recordErasure } from '@turnout/schema/erase';
import { expect, test } from 'vitest';
import { linkEntry } from './facts.ts';
import { createLearner } from './learner.ts';
import type { LogEntry } from './log/record.ts';
import { WHOLE_SITE } from './privacy/site-removal.ts';
import { openTombstones } from './privacy/tombstones.ts';
import { anEngineForThisFile } from './testing/engine.ts';

const { database } = anEngineForThisFile();

async function aLearner() {
  const log: LogEntry[] = [];
  const nothing = { list: async () => [], read: async () => Buffer.alloc(0), write: async () => {} };
  const tombstones = await openTombstones(nothing);
  const learner = createLearner({
    log: { append: async (entries) => void log.push(...entries) },
    database: database(),
    tombstones,
    visitorKey: (_, visitorId) => visitorId,
    onError: (error) => {
      throw error;
    },
  });
  await learner.refresh();
  /** Somebody signs in. */
  const signIn = async (site: string, userKey: string) => {
    log.length = 0;
    await learner.learning.facts.take([linkEntry(site, '1', userKey, Date.now())]);
    return log.length;
  };
  return { ...learner, signIn, tombstones };
}

const erasedElsewhere = (site: string, userKey: string, at = Date.now()) =>
  recordErasure(database(), { id: randomUUID(), site_id: site, user_keys: [userKey], at });

test('links somebody anew whom another collector erased: a second erasure finds the visitor by it', async () => {
  const { signIn, refresh } = await aLearner();
  expect(await signIn('demo', '7')).toBe(1);
  expect(await signIn('demo', '7')).toBe(0);

  await erasedElsewhere('demo', '7');
  await refresh();
  expect(await signIn('demo', '7')).toBe(1);

  // That is heard again for a while, and is no news.
  await refresh();
  expect(await signIn('demo', '7')).toBe(0);
});

test('forgets what was known of a site that another collector removed', async () => {
  const { signIn, refresh, learning } = await aLearner();
  await signIn('gone', '8');
  learning.known.setPerson('gone', '8', { city: 'Cork' }, '1');
  learning.known.setPerson('stays', '8', { city: 'Cork' }, '1');

  await erasedElsewhere('gone', WHOLE_SITE);
  await refresh();

  expect(learning.known.person('gone', '8')).toBeUndefined();
  expect(learning.known.person('stays', '8')).toEqual({ city: 'Cork' });
  expect(await signIn('gone', '8')).toBe(1);
  learning.known.setPerson('gone', '8', { city: 'Dover' }, '1');
  await refresh();
  expect(learning.known.person('gone', '8')).toEqual({ city: 'Dover' });
});

test('hears of an erasure that is told long after the moment it counts from', async () => {
  const { refresh, tombstones } = await aLearner();
  const anHourAgo = Date.now() - 3_600_000;

  // Its visitor was found when the backlog was stored, or it goes on after a crash.
  await erasedElsewhere('demo', '9', anHourAgo);
  await refresh();

  expect(tombstones.knows('demo', '9', anHourAgo)).toBe(true);
});
