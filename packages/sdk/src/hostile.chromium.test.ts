import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';

beforeAll(startNetwork);

const surfaced: unknown[] = [];
const surface = (event: ErrorEvent | PromiseRejectionEvent) => {
  surfaced.push('reason' in event ? event.reason : event.message);
  event.preventDefault();
};
beforeEach(() => {
  window.addEventListener('error', surface);
  window.addEventListener('unhandledrejection', surface);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
  cleanUp();
  await new Promise((resolve) => setTimeout(resolve)); // Rejections are told in a task of their own.
  window.removeEventListener('error', surface);
  window.removeEventListener('unhandledrejection', surface);
  expect(surfaced.splice(0)).toEqual([]);
});

const refuse = () => {
  throw new DOMException('refused', 'SecurityError');
};

/** What a page does with a tracker in its life. */
async function live(tracker: ReturnType<ReturnType<typeof aCollector>['tracker']>): Promise<void> {
  const element = document.body.appendChild(document.createElement('button'));
  const stop = tracker.observe(element, () => ({ entity: 'event:1', impression: { ms: 0 }, click: true }));
  element.click();
  tracker.track('ticket_click', { entity: 'event:1' });
  tracker.identify('user_1', { city: 'Austin' });
  tracker.view({ entity: 'event:1' }).end();
  await tracker.flush();
  stop();
}

test.each<[string, () => void]>([
  ['no crypto', () => vi.stubGlobal('crypto', undefined)],
  ['no getRandomValues', () => vi.stubGlobal('crypto', {})],
  ['no IntersectionObserver', () => vi.stubGlobal('IntersectionObserver', undefined)],
  ['no indexedDB', () => vi.stubGlobal('indexedDB', undefined)],
  [
    'an indexedDB that may not be asked',
    () => vi.spyOn(window, 'indexedDB', 'get').mockImplementation(refuse),
  ],
  [
    'a localStorage that may not be asked',
    () => vi.spyOn(window, 'localStorage', 'get').mockImplementation(refuse),
  ],
  ['no Web Locks', () => vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never)],
  ['no AbortSignal', () => vi.stubGlobal('AbortSignal', undefined)],
  [
    'an addEventListener that throws',
    () => vi.spyOn(EventTarget.prototype, 'addEventListener').mockImplementation(refuse),
  ],
  [
    'an addEventListener that listens to nothing',
    () => vi.spyOn(window, 'addEventListener').mockImplementation(() => {}),
  ],
  ['a setTimeout that throws', () => vi.spyOn(window, 'setTimeout').mockImplementation(refuse as never)],
  [
    'a setTimeout that calls at once',
    () => vi.spyOn(window, 'setTimeout').mockImplementation(((work: () => void) => void work()) as never),
  ],
  ['a setTimeout that never calls', () => vi.spyOn(window, 'setTimeout').mockReturnValue(1 as never)],
  ['a setInterval that throws', () => vi.spyOn(window, 'setInterval').mockImplementation(refuse as never)],
  ['a clock that says nothing', () => vi.spyOn(Date, 'now').mockReturnValue(Number.NaN)],
])('delivers on a page with %s', async (_, patch) => {
  const collector = aCollector();
  await collector.tracker().ready(); // The network of the test itself is up.
  collector.tracker().stop();
  patch();
  const tracker = collector.tracker();

  await live(tracker);

  const types = collector.interactions().map(({ type }) => type);
  expect(types).toContain('ticket_click');
  expect(types).toContain('identify');
});

test('bears what every callback of the page throws, and goes on', async () => {
  const collector = aCollector(({ batch }) => {
    const [first] = batch.interactions;
    const rejected = [{ index: 0, id: first?.id, code: 'invalid', message: 'no' }];
    return Response.json({ accepted: batch.interactions.length - 1, rejected }, { status: 202 });
  });
  const beforeSend = vi.fn(({ type, ...rest }) => {
    if (type === 'save') throw new Error('of the page, in beforeSend');
    return { type, ...rest };
  });
  const tracker = collector.tracker({ beforeSend });
  const heard = { sent: vi.fn(refuse), rejected: vi.fn(refuse), dropped: vi.fn(refuse) };
  for (const kind of ['sent', 'rejected', 'dropped'] as const) tracker.on(kind, heard[kind]);
  const element = document.body.appendChild(document.createElement('button'));
  let isAngry = false;
  const stop = tracker.observe(element, () => {
    if (isAngry) refuse();
    return { entity: 'event:1', click: { type: 'like' }, impression: true, duration: { min: 0 } };
  });
  const undo = tracker.context({
    get tab() {
      return refuse();
    },
  });
  const clicked = vi.fn();
  element.addEventListener('click', clicked);

  element.click();
  isAngry = true;
  element.click();
  window.dispatchEvent(new Event('scroll'));
  tracker.track('save');
  tracker.track('share');
  undo();
  stop();
  await tracker.flush();
  tracker.track('follow');
  tracker.consent.deny();
  await expect.poll(() => heard.dropped.mock.calls.length).toBe(1);

  expect(clicked).toHaveBeenCalledTimes(2);
  expect(heard.sent).toHaveBeenCalled();
  expect(heard.rejected).toHaveBeenCalled();
  const types = collector.interactions().map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['like', 'share']));
  expect(types).not.toContain('save');
  localStorage.clear();
});

test('delivers in debug mode on a page whose console throws', async () => {
  const collector = aCollector();
  const debug = vi.spyOn(console, 'debug').mockImplementation(refuse);
  vi.spyOn(console, 'warn').mockImplementation(refuse);
  const tracker = collector.tracker({ debug: true });

  await live(tracker);
  await expect.poll(() => debug.mock.calls.join(), { timeout: 10_000 }).toContain('delivered');
  tracker.stop();
  await expect.poll(() => debug.mock.calls.join()).toContain('stopped');

  expect(collector.interactions().map(({ type }) => type)).toContain('ticket_click');
});

test.each<[string, typeof fetch]>([
  ['throws', refuse],
  ['returns nothing', (() => undefined) as never],
  ['returns something else', (() => ({ status: 202 })) as never],
  ['rejects with nothing', () => Promise.reject(undefined)],
  [
    'answers without a body',
    (async () => ({ status: 202, text: async () => undefined, headers: new Headers() })) as never,
  ],
])('keeps everything on a page whose fetch %s', async (_, replaced) => {
  const collector = aCollector();
  const tracker = collector.tracker();
  vi.spyOn(window, 'fetch').mockImplementation(replaced);

  tracker.track('click', { name: 'kept' });
  await tracker.flush();
  leavePage();
  expect(collector.attempts).toHaveLength(0);
  vi.restoreAllMocks();
  await tracker.flush();

  expect(collector.interactions()).toMatchObject([{ name: 'kept' }]);
  expect(collector.attempts[0]?.attempt).toBeGreaterThan(0);
});

test('gives up a fetch that never settles, and lets others send', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  vi.spyOn(window, 'fetch').mockImplementation(() => new Promise(() => {}));
  tracker.track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

  const flushed = tracker.flush();
  await expect.poll(() => vi.mocked(fetch).mock.calls.length).toBe(1);
  vi.advanceTimersByTime(30_000);
  await flushed;
  vi.useRealTimers();
  vi.restoreAllMocks();
  await tracker.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([1]);
});

test.each([
  ['forth', 20],
  ['back', -20],
])('drops nothing and waits for nothing when the clock jumps %s by years', async (_, years) => {
  const collector = aCollector();
  const tracker = collector.tracker({ flushAfterMs: 50 });
  const dropped = vi.fn();
  tracker.on('dropped', dropped);
  tracker.track('click', { name: 'before' });
  await expect.poll(() => storedEntries(collector.key)).not.toEqual([]);
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + years * 365 * 86_400_000);

  tracker.track('click', { name: 'meanwhile' });
  await expect.poll(() => collector.interactions().length).toBe(2);

  for (const { occurred_at } of collector.interactions()) {
    expect(Math.abs(occurred_at - real())).toBeLessThan(60_000);
  }
  for (const { sentAt } of collector.attempts) expect(Math.abs(sentAt - real())).toBeLessThan(60_000);
  expect(dropped).not.toHaveBeenCalled();
});

test('writes lists, texts and numbers as such where a library taught them toJSON', async () => {
  const quote = function (this: unknown) {
    return `quoted ${String(this)}`;
  };
  const taught = [Array.prototype, String.prototype, Number.prototype];
  for (const prototype of taught) {
    Object.defineProperty(prototype, 'toJSON', { value: quote, configurable: true, writable: true });
  }
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click', {
    name: 'plain',
    position: 3,
    props: { genres: ['jazz', ['soul']], city: 'Austin', on: new Date(0), price: 25 },
  });
  leavePage();
  for (const prototype of taught) Reflect.deleteProperty(prototype, 'toJSON');
  await expect.poll(() => collector.attempts.length).toBe(1);
  await tracker.flush();

  // What went as the page went goes again where its answer was not heard yet: as a collector counts, once each.
  const arrived = new Map(collector.interactions().map((it) => [it.id, it]));
  expect([...arrived.values()]).toMatchObject([
    {
      name: 'plain',
      position: 3,
      props: { genres: ['jazz', ['soul']], city: 'Austin', on: '1970-01-01T00:00:00.000Z', price: 25 },
    },
  ]);
});

test('records what happened whatever its props are', async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = [cyclic];
  const thrower = {
    get props() {
      return refuse();
    },
  };
  const props: [string, unknown][] = [
    ['a getter that throws', thrower],
    ['a cycle', cyclic],
    ['a Proxy that throws', new Proxy({}, { ownKeys: refuse, get: refuse })],
    ['a Proxy that was revoked', revoked()],
    ['a BigInt', { big: 1n }],
    ['a text too long', { text: 'x'.repeat(50_000_000) }],
    ['a list too long', { list: new Array(10_000_000) }],
    ['a toJSON that throws', { toJSON: refuse }],
    ['a long text as props', 'x'.repeat(20_000)],
    ['no object', 'text'],
  ];
  const collector = aCollector();
  const tracker = collector.tracker();
  const started = performance.now();

  for (const [name, value] of props) tracker.track('click', { name, props: value as never });
  const undo = tracker.context(thrower as never);
  tracker.track('click', { name: 'a context that throws' });
  undo();
  tracker.track('click', new Proxy({}, { get: refuse }) as never);
  tracker.on('sent', null as never);
  tracker.context(null as never)();
  const tookMs = performance.now() - started;
  await tracker.flush();

  expect(collector.interactions().map(({ name }) => name)).toEqual([
    ...props.map(([name]) => name),
    'a context that throws',
  ]);
  expect(tookMs).toBeLessThan(1_000);
});

test('records the other props beside one that cannot be written', async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = [cyclic];
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click', {
    props: { genre: 'jazz', cyclic, big: 1n, long: 'x'.repeat(9_000), from: 'ann@example.com', price: 25 },
  });
  tracker.track('click', { props: { one: 'x'.repeat(5_000), two: 'y'.repeat(5_000), genre: 'jazz' } });
  await tracker.flush();

  expect(collector.interactions().map(({ props }) => props)).toEqual([
    { genre: 'jazz', from: '[email]', price: 25 },
    { one: 'x'.repeat(5_000), genre: 'jazz' },
  ]);
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test('takes a clock that tells parts of milliseconds', async () => {
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + 0.25);
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();

  expect(Number.isInteger(collector.interactions()[0]?.occurred_at)).toBe(true);
});

test('what fails after the page was said to go is kept, and no rejection of the page', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.flush();
  leavePage();
  const encode = vi.spyOn(TextEncoder.prototype, 'encode').mockImplementation(refuse);

  tracker.track('click');
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  encode.mockRestore();
  await tracker.flush();

  expect(collector.interactions()).toHaveLength(1);
});
