import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  aCollector,
  anotherTab,
  changeStored,
  cleanUp,
  leavePage,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

test('sends each interaction once when two tabs share the queue', async () => {
  const collector = aCollector();
  const one = collector.tracker();
  const two = anotherTab(collector);

  for (let position = 0; position < 20; position++) {
    one.track('click', { position });
    two.track('click', { position: position + 20 });
  }
  await Promise.all([one.flush(), two.flush(), one.flush(), two.flush()]);
  two.stop();

  const positions = collector.interactions().map(({ position }) => position ?? -1);
  expect(positions.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(new Set(collector.attempts.map(({ batch }) => batch.visitor_id)).size).toBe(1);
});

test('takes turns by a lease where there are no Web Locks', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  const collector = aCollector();
  const tracker = collector.tracker();
  const lease = `turnout:${collector.key}:lease`;
  localStorage.setItem(lease, String(Date.now() + 30_000));

  tracker.track('click');
  await tracker.flush();
  expect(collector.attempts).toHaveLength(0);
  localStorage.setItem(lease, String(Date.now() - 1));
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(localStorage.getItem(lease)).toBeNull();
});

test('takes no notice of a lease that a clock which ran ahead has taken', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  const collector = aCollector();
  const tracker = collector.tracker();
  localStorage.setItem(`turnout:${collector.key}:lease`, String(Date.now() + 86_400_000));

  tracker.track('click');
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
});

test('gives its lease back when the page goes', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  let arrived = () => {};
  const hanging = new Promise<Response>((resolve) => {
    arrived = () => resolve(HttpResponse.error());
  });
  const collector = aCollector(() => hanging);
  const tracker = collector.tracker();
  const lease = `turnout:${collector.key}:lease`;
  tracker.track('click');
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts).toHaveLength(1);
  expect(Number(localStorage.getItem(lease))).toBeGreaterThan(Date.now());

  leavePage();
  expect(localStorage.getItem(lease)).toBeNull();
  arrived();
  await flushed;
});

test('drops the oldest when more than 5 MB wait, and counts them', async () => {
  const collector = aCollector(() => HttpResponse.error());
  const tracker = collector.tracker();
  const dropped = vi.fn();
  tracker.on('dropped', dropped);

  for (let position = 0; position < 700; position++) {
    tracker.track('click', { position, props: { text: 'x'.repeat(7_900) } });
  }
  await tracker.flush();

  await expect.poll(() => dropped.mock.calls.length).toBeGreaterThan(0);
  expect(dropped.mock.calls[0]?.[0].reason).toBe('full');
  const count = dropped.mock.calls.reduce((sum, [{ count }]) => sum + count, 0);
  expect(count).toBeGreaterThan(60);
  expect(count).toBeLessThan(120);
});

test('drops what is older than 14 days', async () => {
  const collector = aCollector();
  const first = collector.tracker();
  first.track('click', { name: 'stale' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * 86_400_000 }));
  const dropped = vi.fn();
  first.on('dropped', dropped);
  first.track('click', { name: 'new' });

  await first.flush();

  expect(dropped).toHaveBeenCalledExactlyOnceWith({ count: 1, reason: 'expired' });
  expect(collector.interactions().map(({ name }) => name)).toEqual(['new']);
});

test('waits five seconds for company, and one for a ticket click', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  const collector = aCollector();
  const tracker = collector.tracker({ flushAfterMs: 5_000 });
  await tracker.ready();

  tracker.track('click');
  vi.advanceTimersByTime(4_900);
  await Promise.resolve();
  expect(collector.attempts).toHaveLength(0);
  tracker.track('ticket_click', { entity: 'event:1' });
  vi.advanceTimersByTime(100);
  vi.useRealTimers();

  await expect.poll(() => collector.interactions().length).toBe(2);
});

test('sends when the page is hidden', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  tracker.track('click');

  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));

  await expect.poll(() => collector.attempts.length).toBe(1);
});

test('never throws into the page', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  tracker.on('sent', () => {
    throw new Error('the listener of a page');
  });

  tracker.track('click', { props: cyclic });
  tracker.track('share', null as never);
  tracker.identify(null as never);
  tracker.observe(null as never, () => ({}));
  tracker.view(null as never).end();
  await tracker.flush();

  expect(collector.interactions()[0]).toMatchObject({ type: 'click' });
});
