import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, accept, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

test.each([408, 425, 429, 500, 502, 503, 504])('repeats a batch after %d', async (status) => {
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse(null, { status }) : accept(attempt, n),
  );
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  expect(await storedEntries(collector.key)).toMatchObject([{ kind: 'batch', attempt: 1 }]);
  await tracker.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 1]);
  expect(collector.attempts[1]?.text).toBe(collector.attempts[0]?.text);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('stores a batch before it sends it, byte by byte', async () => {
  const stored: (string | undefined)[] = [];
  const collector = aCollector(async (attempt, n) => {
    stored.push(...(await storedEntries(collector.key)).map(({ body }) => body));
    return accept(attempt, n);
  });
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();

  expect(stored).toEqual([collector.attempts[0]?.text]);
});

test('says whether a program drives the browser', async () => {
  const driven = vi.spyOn(navigator, 'webdriver', 'get');
  const collector = aCollector();
  const tracker = collector.tracker();

  for (const isDriven of [true, false]) {
    driven.mockReturnValue(isDriven);
    tracker.track('click');
    await tracker.flush();
  }

  expect(collector.attempts.map(({ automated }) => automated)).toEqual(['1', null]);
});

test('sends half a batch at once', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();

  for (let n = 0; n < 4; n++) tracker.track('click', { props: { text: 'x'.repeat(7_900) } });

  await expect.poll(() => collector.interactions().length).toBe(4);
});

test('sends when the browser is back online, whatever the backoff', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const collector = aCollector(() => HttpResponse.error());
  const tracker = collector.tracker();
  for (let n = 0; n < 4; n++) {
    tracker.track('click');
    await tracker.flush();
  }
  collector.attempts.splice(0);
  collector.answer(accept);

  window.dispatchEvent(new Event('online'));

  await expect.poll(() => collector.interactions().length).toBe(4);
});

test('sends although the browser says that it is offline', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
});

test('keeps requests of a page that goes within 60 kB, and tries a text/plain beacon with the rest', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const fetched: RequestInit[] = [];
  vi.spyOn(window, 'fetch').mockImplementation((_, init) => {
    fetched.push(init ?? {});
    return new Promise(() => {});
  });
  const beacon = vi.spyOn(navigator, 'sendBeacon').mockReturnValue(false);

  for (let position = 0; position < 30; position++) {
    tracker.track('click', { position, props: { text: '🎸'.repeat(1_500) } });
  }
  leavePage();
  tracker.stop();

  const bytes = fetched.map(({ body }) => new TextEncoder().encode(String(body)).length);
  expect(fetched.every(({ keepalive }) => keepalive)).toBe(true);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(60_000);
  expect(fetched.length).toBeGreaterThan(0);
  expect(beacon.mock.calls.length).toBeGreaterThan(1);
  for (const [, body] of beacon.mock.calls) expect(typeof body).toBe('string'); // Which is text/plain.
});

test('never takes a beacon for delivery', async () => {
  const collector = aCollector();
  const first = collector.tracker();
  // Without keepalive there is only the beacon.
  const keepalive = Object.getOwnPropertyDescriptor(Request.prototype, 'keepalive');
  Reflect.deleteProperty(Request.prototype, 'keepalive');

  first.track('click', { name: 'sent twice' });
  leavePage();
  first.stop();
  if (keepalive) Object.defineProperty(Request.prototype, 'keepalive', keepalive);
  await expect.poll(() => collector.attempts.length).toBe(1);
  const second = collector.tracker();
  await second.ready();
  await second.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 1]);
  expect(collector.attempts[1]?.text).toBe(collector.attempts[0]?.text);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test.each([
  ['most', 1, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]],
  ['least', 0, [1, 1, 1]],
])('backs off with full jitter: at %s by so many seconds', async (_, random, seconds) => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const collector = aCollector(() => new HttpResponse(null, { status: 503 }));
  const tracker = collector.tracker();
  tracker.track('click');
  const timers = vi.spyOn(window, 'setTimeout');

  for (const most of seconds) {
    timers.mockClear();
    await tracker.flush();

    // Some of the time has passed when the timer is set. Others time requests and storage.
    const waits = timers.mock.calls.map(([, ms = 0]) => ms / 1_000);
    expect(waits.some((wait) => wait <= most && wait > most - 0.2)).toBe(true);
  }
});

test('tries a refused key again after five minutes, with what is recorded then', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse('unknown key', { status: 401 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  tracker.track('click', { name: 'first' });
  await tracker.flush();
  const at = performance.now();
  const clock = vi.spyOn(performance, 'now');

  clock.mockReturnValue(at + 4 * 60_000);
  await tracker.flush();
  expect(collector.attempts).toHaveLength(1);
  clock.mockReturnValue(at + 6 * 60_000);
  tracker.track('click', { name: 'later' });
  await tracker.flush();
  clock.mockRestore();

  expect(collector.interactions().map(({ name }) => name)).toEqual(['first', 'later', 'first']);
});

test('sends nothing that lies in the future, when a clock that ran fast was put right', async () => {
  const collector = aCollector();
  const fast = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3 * 3_600_000);
  const earlier = collector.tracker();
  earlier.track('ticket_click', { entity: 'event:1' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  earlier.stop();
  fast.mockRestore();

  await collector.tracker().flush();

  const [sent] = collector.attempts;
  expect(sent?.batch.interactions[0]?.occurred_at).toBeLessThanOrEqual(sent?.sentAt ?? 0);
});
