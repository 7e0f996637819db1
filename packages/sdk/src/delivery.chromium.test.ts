import { type Batch, MAX_BATCH_BYTES } from '@turnout/schema/wire';
import { delay, HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  type Attempt,
  aCollector,
  accept,
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

/** A later page of the same visitor: the registry forgets, storage stays. */
const reopen = (collector: ReturnType<typeof aCollector>, tracker: { stop(): void }) => {
  tracker.stop();
  return collector.tracker();
};

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

test('sets a batch aside that the collector calls none, and goes on with others', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((attempt, n) =>
    n === 0 ? HttpResponse.json({ message: 'not a batch' }, { status: 400 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  const rejected = vi.fn();
  tracker.on('rejected', rejected);

  tracker.track('click', { name: 'bad' });
  await tracker.flush();
  tracker.track('click', { name: 'good' });
  await tracker.flush();

  expect(rejected).toHaveBeenCalledOnce();
  expect(rejected.mock.calls[0]?.[0]).toMatchObject({ code: 'batch_refused', interaction: { name: 'bad' } });
  expect(collector.attempts).toHaveLength(2);
  expect(await storedEntries(collector.key)).toMatchObject([{ kind: 'quarantine' }]);
  expect(warn).toHaveBeenCalledOnce();
});

test('sets a batch aside also when it was tried before', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((_, n) => new HttpResponse(null, { status: n === 0 ? 503 : 400 }));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  await tracker.flush();
  await tracker.flush();

  expect(collector.attempts).toHaveLength(2);
  const kinds = (await storedEntries(collector.key)).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['draft', 'quarantine']);
});

test('stops with one message when the key is refused, and keeps everything', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector(() => new HttpResponse('unknown key', { status: 401 }));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  tracker.track('click');
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toMatch(/refused the write key "wk_.+401 unknown key.+Check the key/);
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(2);
});

test('stays stopped when a refusal comes after the end', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  let refuse = () => {};
  const collector = aCollector(
    () => new Promise((resolve) => (refuse = () => resolve(new HttpResponse(null, { status: 400 })))),
  );
  const tracker = collector.tracker();
  tracker.track('click');
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts.length).toBe(1);

  tracker.stop();
  refuse();
  await flushed;
  collector.answer(accept);
  collector.tracker().track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(3);
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
});

test('does not take the 200 of a captive portal for delivery', async () => {
  const collector = aCollector(() => HttpResponse.html('<h1>Welcome to our wifi</h1>'));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  collector.answer(() => HttpResponse.json({ ok: true }, { status: 202 }));
  await tracker.flush();
  expect(await storedEntries(collector.key)).toHaveLength(1);
  collector.answer(accept);
  await tracker.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
  expect(new Set(collector.attempts.map(({ text }) => text)).size).toBe(1);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('tells which interactions of a batch were rejected', async () => {
  const collector = aCollector(({ batch }) =>
    HttpResponse.json(
      {
        accepted: 1,
        rejected: [
          { index: 1, id: batch.interactions[1]?.id, code: 'invalid', message: 'position: not a number' },
        ],
      },
      { status: 202 },
    ),
  );
  const tracker = collector.tracker();
  const sent = vi.fn();
  const rejected = vi.fn();
  tracker.on('sent', sent);
  tracker.on('rejected', rejected);

  tracker.track('click', { entity: 'event:1' });
  tracker.track('click', { entity: 'event:2' });
  await tracker.flush();

  expect(sent.mock.calls[0]?.[0]).toMatchObject({ accepted: 1, interactions: [{ entity_id: '1' }] });
  expect(rejected.mock.calls[0]?.[0]).toMatchObject({ code: 'invalid', interaction: { entity_id: '2' } });
  expect(await storedEntries(collector.key)).toEqual([]);
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

test('sends each interaction once when two tabs share the queue', async () => {
  const collector = aCollector();
  const tab = './create-tracker.ts?another-tab';
  const { createTracker: createInOtherTab } = await import(/* @vite-ignore */ tab);
  const one = collector.tracker();
  const two = createInOtherTab({ key: collector.key, endpoint: collector.endpoint, pageViews: false });

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
  tracker.track(undefined as never, null as never);
  tracker.identify(null as never);
  tracker.observe(null as never, () => ({}));
  tracker.view(null as never).end();
  await tracker.flush();

  expect(collector.interactions()[0]).toMatchObject({ type: 'click' });
});
