import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createExperiment } from './experiment.ts';
import { aCollector, cleanUp, reopen, startNetwork } from './fake-collector.ts';
import { createList } from './list.ts';
import { createNoop } from './noop.ts';
import type { Tracker } from './tracker.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

test('is one tracker a key, and warns once about other options', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector();
  const tracker = collector.tracker();

  expect(collector.tracker()).toBe(tracker);
  expect(warn).not.toHaveBeenCalled();
  expect(collector.tracker({ env: 'test' })).toBe(tracker);
  expect(collector.tracker({ env: 'test' })).toBe(tracker);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('was called again'));
});

test('adds context to every later interaction, until it is taken away', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();

  const stop = tracker.context({ feed_tab: 'events', shade: 'light' });
  tracker.track('click', { props: { shade: 'dark' } });
  stop();
  tracker.track('click', { props: { shade: 'dark' } });
  await tracker.flush();

  expect(collector.interactions().map(({ props }) => props)).toEqual([
    { feed_tab: 'events', shade: 'dark' },
    { shade: 'dark' },
  ]);
});

test('tells who is here, and nobody once consent is denied', async () => {
  const collector = aCollector();
  const tracker = collector.tracker({ userId: 'user_1' });

  const ids = tracker.ids();
  tracker.track('click');
  await tracker.flush();
  tracker.consent.deny();

  expect(collector.attempts[0]?.batch).toMatchObject({
    visitor_id: ids.visitorId,
    user_id: 'user_1',
    session_id: ids.sessionId,
  });
  expect(tracker.ids()).toEqual({});
});

test('takes the numbers of a database for ids, and texts of a template for amounts', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  const said = (given: unknown) => given as never;

  tracker.identify(said(4711));
  tracker.track('purchase', {
    ...{ entity: 'event:42', orderId: said(1881), list: said(7) },
    ...{ value: said('49.50'), quantity: said('2'), position: said('3'), currency: 'gbp' },
  });
  tracker.identify(said(Number.NaN));
  await tracker.flush();

  // What the fake collector would not have taken fails the test.
  expect(tracker.ids().userId).toBe('4711');
  expect(collector.attempts.map(({ batch }) => batch.user_id)).toEqual(['4711']);
  expect(collector.interactions()).toMatchObject([
    { type: 'identify' },
    { order_id: '1881', list_id: '7', value: 49.5, quantity: 2, position: 3, currency: 'GBP' },
  ]);
  expect(collector.interactions()).toHaveLength(2);
});

/** A page that the browser loads ahead; `open` shows it. */
function prerender() {
  let isPrerendering = true;
  Object.defineProperty(document, 'prerendering', { get: () => isPrerendering, configurable: true });
  return {
    open() {
      isPrerendering = false;
      document.dispatchEvent(new Event('prerenderingchange'));
      Reflect.deleteProperty(document, 'prerendering');
    },
    discard: () => Reflect.deleteProperty(document, 'prerendering'),
  };
}

test('records nothing of a page that is prerendered, until somebody opens it', async () => {
  const ahead = prerender();
  const collector = aCollector();
  const tracker = collector.tracker({ pageViews: true });
  const variants = ['control', 'b'] as const;
  const hero = createExperiment(tracker, 'hero-of-tonight', { variants, fallback: 'control' });

  const { variant } = hero;
  tracker.track('click', { name: 'by a script' });
  tracker.observe(document.body, () => ({ entity: 'ad:1', impression: true }));
  await tracker.flush();
  const before = collector.interactions();
  ahead.open();
  await tracker.flush();

  expect(before).toEqual([]);
  expect(hero.variant).toBe(variant);
  await tracker.flush();
  const types = collector.interactions().map(({ type }) => type);
  expect(types.sort()).toEqual(['click', 'exposure', 'page_view', 'served']);
});

test('an exposure in a prerendered page that nobody opens is none, and the next page tells it', async () => {
  const ahead = prerender();
  const collector = aCollector();
  const tracker = collector.tracker();
  const aHero = () =>
    createExperiment(tracker, 'hero-of-today', { variants: ['control', 'b'], fallback: 'control' });
  expect(aHero().variant).toBe(aHero().peek());
  const other = reopen(collector, tracker);
  ahead.discard();

  createExperiment(other, 'hero-of-today', { variants: ['control', 'b'], fallback: 'control' }).variant;
  await other.flush();

  expect(collector.interactions().map(({ type }) => type)).toEqual(['exposure']);
});

test('records what is called with nothing, and what templates left empty', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();

  tracker.track('share', null as never);
  tracker.track('purchase', { orderId: '', currency: '', position: '' as never, value: 49.5 });
  await tracker.flush();

  expect(collector.interactions()).toMatchObject([{ type: 'share' }, { type: 'purchase', value: 49.5 }]);
});

test('reaches its collector by a path wherever links of the page start', async () => {
  const fetched = vi
    .spyOn(window, 'fetch')
    .mockResolvedValue(new Response('{"accepted":1}', { status: 202 }));
  const base = document.head.appendChild(document.createElement('base'));
  base.href = 'https://cdn.example.com/app/';
  const collector = aCollector();
  const tracker = collector.tracker({ endpoint: '/t' });

  tracker.track('click');
  await tracker.flush();
  base.remove();

  expect(String(fetched.mock.calls[0]?.[0])).toContain(`${location.origin}/t/v1/interactions?key=`);
  vi.restoreAllMocks();
});

test('a prerendered page that moves to another address is viewed once, where it is when somebody opens it', async () => {
  const ahead = prerender();
  const { href } = location;
  const collector = aCollector();
  const tracker = collector.tracker({ pageViews: true });
  let tasks = 0;

  history.replaceState(null, '', '/home');
  setTimeout(() => tasks++, 1);
  await expect.poll(() => tasks).toBe(1);
  ahead.open();
  await tracker.flush();
  history.replaceState(null, '', href);

  expect(collector.interactions().map(({ type }) => type)).toEqual(['page_view']);
  expect(collector.attempts[0]?.batch.contexts?.[0]).toMatchObject({ page_path: '/home' });
});

test('a tracker that is stopped twice leaves the one that came after it alone', () => {
  const collector = aCollector();
  const first = collector.tracker();
  first.stop();
  const second = collector.tracker();

  first.stop();

  expect(collector.tracker()).toBe(second);
});

test.each<[string, (tracker: Tracker) => Tracker]>([
  ['a tracker', (tracker) => tracker],
  ['the tracker of a list', (tracker) => createList(tracker, 'home-feed')],
  ['the tracker of a server', () => createNoop()],
])('%s returns nothing where its type says so', async (_, around) => {
  const tracker = around(aCollector().tracker());
  const element = document.body.appendChild(document.createElement('p'));
  const { track, identify, reset, consent, optOut, stop } = tracker;

  const said = [
    track('like'),
    identify('user_1'),
    tracker.context({ tab: 'events' })(),
    tracker.observe(element, () => ({ click: true, impression: true, duration: { min: 0 } }))(),
    tracker.view({ entity: 'event:1' }).end(),
    tracker.pageViews()?.(),
    tracker.on('sent', () => {})(),
    await tracker.flush(),
    await tracker.ready(),
    consent.deny(),
    consent.grant(),
    reset(),
    await tracker.forget(),
    optOut(),
    stop(),
  ];

  expect(said).toEqual(said.map(() => undefined));
  expect(tracker.ids()).toEqual({});
});
