import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  aCollector,
  accept,
  anotherTab,
  changeStored,
  cleanUp,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

const A_DAY = 86_400_000;

const told = (collector: ReturnType<typeof aCollector>) =>
  collector.attempts.map(({ batch }) => batch.dropped);

/** Leaves an interaction in the queue that is too old to be sent. */
async function anExpired(collector: ReturnType<typeof aCollector>) {
  const tracker = collector.tracker();
  tracker.track('click', { name: 'old' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  return tracker;
}

test('tells how many interactions were dropped, once, also after a reload', async () => {
  const collector = aCollector(() => HttpResponse.error());
  const first = await anExpired(collector);
  await first.flush(); // Drops, and has nothing to tell it with.
  first.stop();

  const second = collector.tracker();
  second.track('click', { name: 'new' });
  await second.flush();
  collector.answer(accept);
  await second.flush();
  second.track('click', { name: 'newer' });
  await second.flush();

  expect(told(collector)).toEqual([1, 1, undefined]);
  expect(new Set(collector.attempts.map(({ text }) => text)).size).toBe(2);
});

test('counts on when the batch that tells of drops is dropped itself', async () => {
  const collector = aCollector(() => HttpResponse.error());
  const tracker = await anExpired(collector);
  tracker.track('click', { name: 'tells, but never arrives' });
  await tracker.flush();
  expect(told(collector)).toEqual([1]);

  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  collector.answer(accept);
  tracker.track('click', { name: 'new' });
  await tracker.flush();

  expect(told(collector)).toEqual([1, 2]);
});

test('counts once what two tabs find too old', async () => {
  const collector = aCollector();
  const one = await anExpired(collector);
  const two = anotherTab(collector);

  one.track('click');
  two.track('click');
  await Promise.all([one.flush(), two.flush()]);
  two.stop();

  expect(told(collector).reduce<number>((sum, dropped) => sum + (dropped ?? 0), 0)).toBe(1);
});

test('tells of what the collector refused, with the next batch', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse(null, { status: 400 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  tracker.track('click');
  tracker.track('click');
  await tracker.flush();

  tracker.track('click');
  await tracker.flush();
  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  tracker.track('click');
  await tracker.flush();

  expect(told(collector)).toEqual([undefined, 2, undefined]);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('forgets the number of dropped interactions with everything else when consent is withdrawn', async () => {
  const collector = aCollector();
  const tracker = await anExpired(collector);
  await tracker.flush();
  expect(await storedEntries(collector.key)).toMatchObject([{ kind: 'draft', ids: [], dropped: 1 }]);

  tracker.consent.deny();
  await expect.poll(() => storedEntries(collector.key)).toEqual([]);
  tracker.consent.grant();
  tracker.track('click');
  await tracker.flush();

  expect(told(collector)).toEqual([undefined]);
});
