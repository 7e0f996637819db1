import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, startNetwork } from '../fake-collector.ts';

beforeAll(startNetwork);

const home = location.href;
let collector: ReturnType<typeof aCollector>;
beforeEach(() => {
  collector = aCollector();
});
afterEach(() => {
  cleanUp();
  history.replaceState(null, '', home);
});

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

async function pagesOf(tracker: { flush(): Promise<void> }) {
  await nextTask();
  await tracker.flush();
  return collector.attempts.flatMap(({ batch }) =>
    batch.interactions.map((it) => ({
      type: it.type,
      viewId: it.view_id,
      ...batch.contexts?.[it.context ?? 0],
    })),
  );
}

for (const api of ['the Navigation API', 'wrapped History methods']) {
  test(`records each new address once, with ${api}`, async () => {
    if (api !== 'the Navigation API')
      vi.spyOn(window, 'navigation' as never, 'get').mockReturnValue(undefined as never);
    const tracker = collector.tracker({ pageViews: true });
    document.title = 'Home';

    history.pushState(null, '', '/events/42?utm_source=mail');
    document.title = 'The show';
    await nextTask();
    history.replaceState({ scrolled: 1 }, '', location.href);
    history.replaceState(null, '', '#reviews');
    await nextTask();
    history.pushState(null, '', '/old');
    history.replaceState(null, '', '/artists/7');
    await nextTask();
    history.back();
    await expect.poll(() => location.pathname).toBe('/events/42');

    const pages = await pagesOf(tracker);
    expect(
      pages.map(({ type, page_path, title, utm_source }) => [type, page_path, title, utm_source]),
    ).toEqual(
      [
        ['page_view', new URL(home).pathname, 'Home', undefined],
        ['page_view', '/events/42', 'The show', 'mail'],
        ['page_view', '/artists/7', 'The show', undefined],
        ['page_view', '/events/42', 'The show', 'mail'],
      ].map((page, n) => (n === 0 ? [page[0], page[1], pages[0]?.title, page[3]] : page)),
    );
    expect(pages[1]?.referrer).toBe(home);
    expect(pages[2]?.referrer).toMatch(/\/events\/42\?utm_source=mail#reviews$/);
    expect(new Set(pages.map(({ viewId }) => viewId)).size).toBe(4);
  });
}

test('lets the exceptions of History methods through, and restores them', () => {
  vi.spyOn(window, 'navigation' as never, 'get').mockReturnValue(undefined as never);
  const original = history.pushState;
  const tracker = collector.tracker({ pageViews: true });
  expect(history.pushState).not.toBe(original);

  expect(() => history.pushState(null, '', 'https://elsewhere.example.com/')).toThrow(DOMException);
  tracker.stop();

  expect(history.pushState).toBe(original);
});

test('takes a return from the back/forward cache for a page view', async () => {
  const tracker = collector.tracker({ pageViews: true });

  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));

  expect(await pagesOf(tracker)).toHaveLength(2);
});

test('impresses what is still in sight once more after a page view', async () => {
  const tracker = collector.tracker({ pageViews: true });
  const element = document.body.appendChild(document.createElement('div'));
  Object.assign(element.style, { width: '50px', height: '50px' });
  tracker.observe(element, () => ({ entity: 'event:1', impression: { ms: 10 } }));
  const sent = vi.fn();
  tracker.on('sent', sent);
  const impressions = async () => {
    await tracker.flush();
    return collector.interactions().filter(({ type }) => type === 'impression').length;
  };
  await expect.poll(impressions).toBe(1);

  history.pushState(null, '', '/next');

  await expect.poll(impressions).toBe(2);
});
