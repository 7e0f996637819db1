import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';
import { SESSION_IDLE_MS } from './identity.ts';
import type { Tracker } from './tracker.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

const stored = (key: string) =>
  Object.keys(localStorage).filter((name) => name.startsWith(`turnout:${key}:`));

test('keeps what an undecided visitor does in memory, and sends it once they agree', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ consent: 'pending' });

  tracker.track('click', { name: 'before' });
  await tracker.flush();
  leavePage();
  expect(tracker.consent.status()).toBe('pending');
  expect(collector.attempts).toHaveLength(0);
  expect(stored(collector.key)).toEqual([]);
  expect(await storedEntries(collector.key)).toEqual([]);

  tracker.consent.grant();
  tracker.track('click', { name: 'after' });
  await tracker.flush();

  expect(collector.interactions().map(({ name }) => name)).toEqual(['before', 'after']);
  expect(collector.attempts[0]?.batch.consent).toBe('granted');
  expect(new Set(collector.attempts.map(({ batch }) => batch.visitor_id)).size).toBe(1);
});

test('remembers the decision on the next page', async () => {
  const collector = aCollector();
  const first = collector.tracker({ consent: 'pending' });
  first.consent.grant();
  first.stop();

  expect(collector.tracker({ consent: 'pending' }).consent.status()).toBe('granted');
});

test('records nothing after a refusal, and deletes the queue and the ids', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const dropped = vi.fn();
  tracker.on('dropped', dropped);
  tracker.track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);

  tracker.consent.deny();
  tracker.track('click');
  await expect.poll(() => dropped.mock.calls).toEqual([[{ count: 1, reason: 'denied' }]]);
  await tracker.flush();
  leavePage();

  expect(collector.attempts).toHaveLength(0);
  expect(await storedEntries(collector.key)).toEqual([]);
  expect(stored(collector.key)).toEqual([`turnout:${collector.key}:consent`]);
  tracker.stop();
  expect(collector.tracker({ consent: 'granted' }).consent.status()).toBe('denied');
});

test.each<[string, (tracker: Tracker) => void]>([
  [
    'a refusal that is taken back at once, as managers of consent do when they begin',
    ({ consent }) => {
      consent.deny();
      consent.grant();
    },
  ],
  ['everything was forgotten', ({ forget }) => void forget()],
])('delivers what is recorded right after %s', async (_, purge) => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const dropped = vi.fn();
  tracker.on('dropped', dropped);

  tracker.track('like');
  purge(tracker);
  tracker.track('save');
  await expect.poll(() => dropped.mock.calls).toEqual([[{ count: 1, reason: 'denied' }]]);
  await tracker.flush();

  expect(collector.interactions().map(({ type }) => type)).toEqual(['save']);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('spills nothing when the page goes right after a refusal', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const dropped = vi.fn();
  tracker.on('dropped', dropped);

  tracker.track('click');
  tracker.consent.deny();
  leavePage();

  expect(stored(collector.key)).toEqual([`turnout:${collector.key}:consent`]);
  await expect.poll(() => dropped.mock.calls).toEqual([[{ count: 1, reason: 'denied' }]]);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('brings nothing back that was on its way when consent was refused', async () => {
  let answer = () => {};
  const collector = aCollector(
    () => new Promise((resolve) => (answer = () => resolve(new Response(null, { status: 503 })))),
  );
  const tracker = collector.tracker();
  tracker.track('click');
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts.length).toBe(1);

  tracker.consent.deny();
  answer();
  await flushed;

  await expect.poll(() => storedEntries(collector.key)).toEqual([]);
});

test('breaks off the request that is on its way when consent is refused', async () => {
  const aborted = vi.fn();
  const collector = aCollector(() => new Promise(() => {}));
  const real = window.fetch;
  vi.spyOn(window, 'fetch').mockImplementation((input, init) => {
    init?.signal?.addEventListener('abort', aborted);
    return real(input, init);
  });
  const tracker = collector.tracker();
  tracker.track('click');
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts.length).toBe(1);
  expect(aborted).not.toHaveBeenCalled();

  tracker.optOut();
  await flushed;

  expect(aborted).toHaveBeenCalledOnce();
});

test('takes Global Privacy Control for a refusal', async () => {
  Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true });
  const collector = aCollector();

  const tracker = collector.tracker();
  tracker.consent.grant();
  tracker.track('click');
  await tracker.flush();
  Reflect.deleteProperty(navigator, 'globalPrivacyControl');

  expect(tracker.consent.status()).toBe('denied');
  expect(collector.attempts).toHaveLength(0);
});

test('hears about a refusal in another tab', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const key = `turnout:${collector.key}:consent`;

  localStorage.setItem(key, 'denied');
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: 'denied' }));

  expect(tracker.consent.status()).toBe('denied');
});

test('puts each visitor, person and session into a batch of its own', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click', { name: 'anonymous' });
  tracker.identify('user_1', { city: 'Austin' });
  tracker.track('click', { name: 'known' });
  tracker.reset();
  tracker.track('click', { name: 'somebody else' });
  await tracker.flush();

  const [anonymous, known, other] = collector.attempts.map(({ batch }) => batch);
  expect(anonymous?.user_id).toBeUndefined();
  expect(known).toMatchObject({
    user_id: 'user_1',
    visitor_id: anonymous?.visitor_id,
    session_id: anonymous?.session_id,
    interactions: [{ type: 'identify', props: { city: 'Austin' } }, { name: 'known' }],
  });
  expect(other?.user_id).toBeUndefined();
  expect(other?.visitor_id).not.toBe(anonymous?.visitor_id);
  expect(other?.session_id).not.toBe(anonymous?.session_id);
  expect(collector.attempts.every(({ attempt }) => attempt === 0)).toBe(true);
});

test('keeps visitor and person across pages, and a session until it was idle for half an hour', async () => {
  const collector = aCollector();
  const first = collector.tracker({ userId: 'user_1' });
  first.track('click');
  await first.flush();
  first.stop();
  const second = collector.tracker();
  second.track('click');
  await second.flush();
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + SESSION_IDLE_MS + 1);
  second.track('click');
  await second.flush();

  const [one, two, three] = collector.attempts.map(({ batch }) => batch);
  expect(two).toMatchObject({ visitor_id: one?.visitor_id, session_id: one?.session_id, user_id: 'user_1' });
  expect(three?.visitor_id).toBe(one?.visitor_id);
  expect(three?.session_id).not.toBe(one?.session_id);
});

test('goes on with a session over midnight', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  // Of today, whose night is over as far as the clock that only runs forward can tell.
  const midnight = new Date().setHours(24, 0, 0, 0);
  const clock = vi.spyOn(Date, 'now');

  for (const minutes of [-20, -1, 1, 20]) {
    clock.mockReturnValue(midnight + minutes * 60_000);
    tracker.track('click');
  }
  clock.mockRestore();
  await tracker.flush();

  expect(collector.interactions()).toHaveLength(4);
  expect(new Set(collector.attempts.map(({ batch }) => batch.session_id)).size).toBe(1);
});

test('tells what was decided, here and in another tab', () => {
  const collector = aCollector();
  const tracker = collector.tracker({ consent: 'pending' });
  const decided: string[] = [];
  tracker.on('consent', (status) => decided.push(status));

  tracker.consent.grant();
  const key = `turnout:${collector.key}:consent`;
  localStorage.setItem(key, 'denied');
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: 'denied' }));

  expect(decided).toEqual(['granted', 'denied']);
});
