import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  aCollector,
  accept,
  anotherTab,
  cleanUp,
  leavePage,
  reopen,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

test('sends what an earlier page left behind as a repetition', async () => {
  const collector = aCollector();
  const first = collector.tracker();
  first.track('click', { name: 'left behind' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);

  const second = reopen(collector, first);
  second.track('click', { name: 'new' });
  await second.ready();
  await second.flush();

  const sent = collector.attempts.map(({ attempt, batch }) => [attempt, batch.interactions[0]?.name]);
  expect(sent).toEqual([
    [0, 'new'],
    [1, 'left behind'],
  ]);
});

test('sends at once when the page goes, and again when the next page cannot know', async () => {
  const collector = aCollector((attempt, n) => (n === 0 ? new Promise(() => {}) : accept(attempt, n)));
  const first = collector.tracker();

  first.track('ticket_click', { entity: 'event:42' });
  leavePage(); // In the same task: nothing is committed to IndexedDB yet.
  const second = reopen(collector, first);
  await expect.poll(() => collector.attempts.length).toBe(1);
  await second.ready();
  await second.flush();

  const texts = collector.attempts.map(({ text }) => text);
  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 1]);
  expect(texts[1]).toBe(texts[0]);
});

test('forgets what it sent as it went, when the page comes back and hears the answer', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click');
  leavePage();
  await expect.poll(() => collector.attempts.length).toBe(1);
  await expect.poll(() => storedEntries(collector.key)).toEqual([]);
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(Object.keys(localStorage).filter((name) => name.includes(`${collector.key}:spill`))).toEqual([]);
});

test('keeps what does not fit into the last moment for the next page', async () => {
  const collector = aCollector();
  const first = collector.tracker();

  for (let position = 0; position < 30; position++) {
    first.track('click', { position, props: { text: 'x'.repeat(6_000) } });
  }
  leavePage();
  first.stop();
  await expect.poll(() => collector.attempts.length).toBeGreaterThan(0);
  const inTime = collector.interactions().length;
  const second = collector.tracker();
  await second.ready();
  await second.flush();

  expect(inTime).toBeLessThan(30);
  expect(new Set(collector.interactions().map(({ position }) => position)).size).toBe(30);
});

test('lives in memory where IndexedDB is refused, and spills to localStorage as the page goes', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const collector = aCollector(() => HttpResponse.error());
  const first = collector.tracker();

  first.track('click', { name: 'kept' });
  await first.flush();
  leavePage();
  collector.answer(accept);
  const second = reopen(collector, first);
  await second.ready();
  await second.flush();

  expect(collector.attempts.at(-1)?.batch.interactions).toMatchObject([{ name: 'kept' }]);
  expect(collector.attempts.at(-1)?.attempt).toBeGreaterThan(0);
});

test('works where all storage is refused', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  tracker.track('click');
  await tracker.flush();

  const [first, second] = collector.attempts.map(({ batch }) => batch);
  expect(second?.visitor_id).toBe(first?.visitor_id);
  expect(second?.session_id).toBe(first?.session_id);
});

test('goes on sending what others left where a page lives on that was said to go', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ flushAfterMs: 100 });
  await tracker.ready();
  await tracker.flush();
  const earlier = anotherTab(collector);
  await earlier.ready();
  earlier.track('click', { name: 'earlier' });
  earlier.stop();
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);

  leavePage();
  tracker.track('click', { name: 'own' });

  const names = () => [...new Set(collector.interactions().map(({ name }) => name))].sort();
  await expect.poll(names).toEqual(['earlier', 'own']);
});

test('sends once what is recorded of a page that comes back from the back/forward cache', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ pageViews: true });
  await tracker.flush();
  leavePage();
  collector.attempts.splice(0);

  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  await expect.poll(() => collector.interactions().map(({ type }) => type)).toContain('page_view');
  await tracker.flush();

  const views = collector.interactions().filter(({ type }) => type === 'page_view');
  expect(views).toHaveLength(1);
});
