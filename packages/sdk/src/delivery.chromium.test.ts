import { delay, HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  type Attempt,
  aCollector,
  accept,
  cleanUp,
  reopen,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

test('sends what was tracked, as text/plain, and forgets it', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ env: 'test' });

  tracker.track('ticket_click', { entity: 'event:42', position: 3, props: { ticket_provider: 'dice' } });
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  const { batch, attempt, key, contentType, sentAt } = collector.attempts[0] as Attempt;
  expect({ attempt, key, contentType }).toEqual({
    attempt: 0,
    key: collector.key,
    contentType: expect.stringMatching(/^text\/plain\b/),
  });
  expect(Math.abs(Date.now() - sentAt)).toBeLessThan(10_000);
  expect(batch).toMatchObject({
    sdk: 'js/0.1.0',
    env: 'test',
    visitor_id: expect.any(String),
    session_id: expect.any(String),
    contexts: [{ page_url: `${location.origin}${location.pathname}`, page_path: location.pathname }],
    interactions: [
      {
        type: 'ticket_click',
        entity_type: 'event',
        entity_id: '42',
        position: 3,
        context: 0,
        props: { ticket_provider: 'dice' },
      },
    ],
  });
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('repeats a batch byte by byte after a 503, with the next attempt in the address', async () => {
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse(null, { status: 503 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();

  tracker.track('click', { entity: 'event:1' });
  await tracker.flush();
  tracker.track('click', { entity: 'event:2' });
  await tracker.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 0, 1]);
  expect(collector.attempts[2]?.text).toBe(collector.attempts[0]?.text);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('tries again by itself after a failure', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const collector = aCollector((attempt, n) => (n === 0 ? HttpResponse.error() : accept(attempt, n)));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();

  await expect.poll(() => collector.attempts.length, { timeout: 5_000 }).toBe(2);
  expect(collector.attempts[1]?.text).toBe(collector.attempts[0]?.text);
});

test.each([
  ['soon', 0],
  ['after the next flush is due', 200],
])('lets no later interaction cut a backoff short, when the first fails %s', async (_, ms) => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const collector = aCollector();
  const tracker = collector.tracker({ flushAfterMs: 50 });
  collector.answer(async () => {
    tracker.track('click', { name: 'while the first is under way' });
    await delay(ms);
    return new HttpResponse(null, { status: 503 });
  });

  tracker.track('click');
  await tracker.flush();
  collector.answer(accept);
  const failedAt = performance.now();

  await expect.poll(() => collector.attempts.length, { timeout: 5_000 }).toBeGreaterThan(1);
  expect(performance.now() - failedAt).toBeGreaterThan(1_900);
});

test('does not come back before Retry-After is over, on this page or the next', async () => {
  const collector = aCollector(
    () => new HttpResponse(null, { status: 429, headers: { 'Retry-After': '3600' } }),
  );
  const first = collector.tracker();

  first.track('click');
  await first.flush();
  await first.flush();
  const second = reopen(collector, first);
  await second.ready();
  await second.flush();

  expect(collector.attempts).toHaveLength(1);
});

test('comes back when Retry-After is over', async () => {
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse(null, { status: 429, headers: { 'Retry-After': '1' } }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  const started = performance.now();

  tracker.track('click');
  await tracker.flush();

  await expect.poll(() => collector.attempts.length, { timeout: 8_000 }).toBe(2);
  expect(performance.now() - started).toBeGreaterThan(990);
});
