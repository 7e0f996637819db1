import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, leavePage, startNetwork } from '../fake-collector.ts';

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

async function pagesOf(tracker: { flush(): Promise<void> }, wanted = 'page_view') {
  await nextTask();
  await tracker.flush();
  const all = collector.attempts.flatMap(({ batch }) =>
    batch.interactions.map((it) => ({
      id: it.id,
      type: it.type,
      viewId: it.view_id,
      part: it.part,
      page: it.entity_id,
      ...it.props,
      ...batch.contexts?.[it.context ?? 0],
    })),
  );
  // As a collector counts: what a page sends as it goes comes again when it stays.
  return [...new Map(all.map((it) => [it.id, it])).values()].filter(({ type }) => type === wanted);
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
    expect(pages[1]?.referrer).toBe(location.origin + new URL(home).pathname);
    expect(pages[2]?.referrer).toMatch(/\/events\/42\?utm_source=mail$/);
    expect(new Set(pages.map(({ viewId }) => viewId)).size).toBe(4);
  });

  test(`takes a query that replaces the one before for the same page, with ${api}`, async () => {
    if (api !== 'the Navigation API')
      vi.spyOn(window, 'navigation' as never, 'get').mockReturnValue(undefined as never);
    const tracker = collector.tracker({ pageViews: true, keepParameters: ['q'] });
    const steps = [
      ['push', '/events?code=abc'],
      // A token is read and taken away, then somebody types into a filter that mirrors itself.
      ['replace', '/events'],
      ['replace', '/events?q=j'],
      ['replace', '/events?q=jazz#list'],
      ['push', '/events?q=rock'],
      // A redirect.
      ['replace', '/artists?q=rock'],
      // The addresses of a hash router.
      ['push', '/?q=en#/'],
      ['replace', '/?q=en#/?q=folk'],
      ['replace', '/?q=en#/venues?q=folk'],
    ] as const;

    for (const [how, to] of steps) {
      history[`${how}State`](null, '', to);
      await nextTask();
    }
    history.back();
    await expect.poll(() => location.pathname).toBe('/artists');

    const pages = await pagesOf(tracker);
    expect(pages.slice(1).map(({ page_url }) => page_url?.replace(location.origin, ''))).toEqual([
      '/events',
      '/events?q=rock',
      '/artists?q=rock',
      '/?q=en#/',
      '/?q=en#/venues',
      '/artists?q=rock',
    ]);
    // Where somebody came from says what was typed last.
    expect(pages[2]?.referrer).toMatch(/\/events\?q=jazz/);
  });
}

test('a storm of replaceState in one go is one page view, of where it ended', async () => {
  const tracker = collector.tracker({ pageViews: true });
  await nextTask();

  for (let n = 0; n < 40; n++) history.replaceState(null, '', `/storm?zoom=${n}`);
  await nextTask();
  for (let n = 0; n < 40; n++) history.replaceState({ n }, '', '/storm?zoom=39');

  expect((await pagesOf(tracker)).map(({ page_path }) => page_path)).toEqual([
    new URL(home).pathname,
    '/storm',
  ]);
});

test('ends the time of a page when the next one opens, under its own address', async () => {
  const tracker = collector.tracker({ pageViews: true });

  history.pushState(null, '', '/next');

  const [home, next] = await pagesOf(tracker);
  expect(await pagesOf(tracker, 'view')).toMatchObject([
    { viewId: home?.viewId, part: 1, page: home?.page_path, page_path: home?.page_path, end_reason: 'close' },
  ]);
  expect(next?.viewId).not.toBe(home?.viewId);
});

test('tells the time of what is open on the page where it was opened', async () => {
  const tracker = collector.tracker({ pageViews: true });
  const view = tracker.view({ entity: 'event:1' });

  // A router pushes the next address before it takes the old page away.
  history.pushState(null, '', '/next');
  view.end('unmount');

  const { pathname } = new URL(home);
  const parts = (await pagesOf(tracker, 'view')).filter(({ page }) => page === '1');
  expect(parts.map(({ part, page_path }) => [part, page_path])).toEqual([
    [0, pathname],
    [1, pathname],
  ]);
});

test('records once how far a page was scrolled, when it is left', async () => {
  document.body.style.height = '5000px';
  const tracker = collector.tracker({ pageViews: true });
  scrollTo(0, 5000);
  await new Promise((resolve) => document.addEventListener('scroll', resolve, { once: true }));
  await expect
    .poll(async () => {
      leavePage();
      return await pagesOf(tracker, 'scroll');
    })
    .toMatchObject([{ max_scroll_percent: 100, page_path: location.pathname }]);

  leavePage();
  history.pushState(null, '', '/next');

  expect(await pagesOf(tracker, 'scroll')).toHaveLength(1);
  document.body.style.height = '';
});

test('records no scroll of a page that nobody scrolled', async () => {
  const tracker = collector.tracker({ pageViews: true });

  leavePage();

  expect(await pagesOf(tracker, 'scroll')).toEqual([]);
});

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

test('records a page once for who agrees in the task that tells of it', async () => {
  const tracker = collector.tracker({ pageViews: false, consent: 'denied' });
  tracker.pageViews();
  tracker.consent.grant();
  await nextTask();

  expect(await pagesOf(tracker)).toHaveLength(1);
});

test('takes page views from one source at a time', async () => {
  const own = collector.tracker({ pageViews: true });
  expect(own.pageViews()).toBeUndefined();
  expect(await pagesOf(own)).toHaveLength(1);
  own.stop();

  const other = aCollector();
  const tracker = other.tracker({ pageViews: false });
  const stop = tracker.pageViews(() => ({ props: { route: '/' } }));
  expect(tracker.pageViews()).toBeUndefined();
  await nextTask();
  stop?.();
  history.pushState(null, '', '/unheard');
  tracker.pageViews()?.();
  tracker.pageViews();
  await nextTask();
  await tracker.flush();

  const pages = other.attempts.flatMap(({ batch }) => batch.interactions);
  expect(pages.map(({ type, props }) => [type, props?.route])).toEqual([
    ['page_view', '/'],
    ['view', undefined],
    ['page_view', undefined],
  ]);
});

test('leaves it to a router to tell when the address changed', async () => {
  let moved = () => {};
  const stopWatching = vi.fn();
  const tracker = collector.tracker({ pageViews: false });
  const stop = tracker.pageViews(undefined, (tell) => {
    moved = tell;
    return stopWatching;
  });
  await nextTask();

  history.pushState(null, '', '/events/42');
  await nextTask();
  moved();
  moved();
  await nextTask();
  moved();
  stop?.();

  const pages = await pagesOf(tracker);
  expect(pages.map(({ page_path, referrer }) => [page_path, referrer])).toEqual([
    [new URL(home).pathname, expect.any(String)],
    ['/events/42', expect.stringContaining(new URL(home).pathname)],
  ]);
  expect(stopWatching).toHaveBeenCalledOnce();
});
