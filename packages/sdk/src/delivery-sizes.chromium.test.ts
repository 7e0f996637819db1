import { type Batch, MAX_BATCH_BYTES } from '@turnout/schema/wire';
import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  aCollector,
  accept,
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

test('splits a batch that is too large for the collector', async () => {
  const collector = aCollector((attempt, n) =>
    attempt.batch.interactions.length > 1 ? new HttpResponse(null, { status: 413 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();

  for (let position = 0; position < 3; position++) tracker.track('click', { position });
  await tracker.flush();

  expect(collector.attempts.map(({ batch }) => batch.interactions.map(({ position }) => position))).toEqual([
    [0, 1, 2],
    [0, 1],
    [2],
    [0],
    [1],
  ]);
  expect(new Set(collector.attempts.map(({ batch }) => batch.batch_id)).size).toBe(5);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('never sends more than 60 kB at once, counted in UTF-8', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();

  for (let position = 0; position < 40; position++) {
    tracker.track('click', { position, props: { text: '🎸'.repeat(1_500) } });
  }
  await tracker.flush();

  const sizes = collector.attempts.map(({ text }) => new TextEncoder().encode(text).length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(60_000);
  expect(collector.interactions().map(({ position }) => position)).toEqual(
    Array.from({ length: 40 }, (_, n) => n),
  );
});

test('works on a long queue in small pieces: it freezes only what it sends next', async () => {
  const collector = aCollector();
  const first = collector.tracker();
  for (let position = 0; position < 3_000; position++) {
    first.track('click', { position, props: { text: 'x'.repeat(200) } });
  }
  const second = reopen(collector, first);
  await second.ready();
  const waiting = (await storedEntries(collector.key)).map(({ body }) => body ?? '');
  const parse = vi.spyOn(JSON, 'parse');
  /** Length of the drafts that were taken apart, between one request and the next. */
  const worked: number[] = [];
  collector.answer((attempt, n) => {
    const drafts = parse.mock.calls.flatMap(([text]) => (waiting.includes(text) ? [text.length] : []));
    worked.push(drafts.reduce((sum, length) => sum + length, 0));
    parse.mockClear();
    return accept(attempt, n);
  });

  await second.flush();

  expect(worked.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(900_000);
  expect(Math.max(...worked)).toBeLessThanOrEqual(2 * MAX_BATCH_BYTES);
  expect(collector.interactions().map(({ position }) => position)).toEqual(
    Array.from({ length: 3_000 }, (_, n) => n),
  );
});

test('freezes once what waits for its turn as the page goes', async () => {
  let answerFirst = () => {};
  const collector = aCollector(async (attempt, n) => {
    if (n === 0) await new Promise<void>((resolve) => (answerFirst = resolve));
    return accept(attempt, n);
  });
  const beacons: string[] = [];
  vi.spyOn(navigator, 'sendBeacon').mockImplementation((_, body) => beacons.push(String(body)) > 0);
  const tracker = collector.tracker();
  for (let position = 0; position < 500; position++) {
    tracker.track('click', { position, props: { text: 'x'.repeat(700) } });
    if (position % 20 === 0) await Promise.resolve();
  }
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts.length).toBe(1);

  leavePage();
  expect(beacons.length).toBeGreaterThan(1);
  answerFirst();
  await flushed;
  await tracker.flush();

  // A beacon proves nothing: the same batch comes again, and what is in it in no other.
  const delivered = collector.attempts.map(({ batch }) => batch);
  expect(new Set(delivered.flatMap(({ interactions }) => interactions.map(({ id }) => id))).size).toBe(500);
  const all = [...delivered, ...beacons.map((body): Batch => JSON.parse(body))];
  const batches = new Map(all.map((batch) => [batch.batch_id, batch]));
  expect([...batches.values()].flatMap(({ interactions }) => interactions)).toHaveLength(500);
});
