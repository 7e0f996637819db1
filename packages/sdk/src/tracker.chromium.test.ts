import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, startNetwork } from './fake-collector.ts';

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
