import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aPage, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track, TrackPageviews } from './index.ts';

beforeAll(startNetwork);

const home = location.href;
let page: ReturnType<typeof aPage>;
afterEach(() => {
  page.close();
  history.replaceState(null, '', home);
});

const nextTask = () => vi.advanceTimersByTimeAsync(0);
const views = async () =>
  (await page.recorded('page_view')).map(({ surface, props }) => [surface, props?.route].join(' '));

test('records the page that is open and each new address once, also in StrictMode', async () => {
  page = aPage({ isStrict: true });
  page.render(<TrackPageviews surface="app" props={{ route: '/' }} />);
  await nextTask();
  page.render(<TrackPageviews surface="app" props={() => ({ route: '/events/:id' })} />);
  history.pushState(null, '', '/events/1');
  await nextTask();
  page.render(null);
  history.pushState(null, '', '/unheard');
  await nextTask();

  expect(await views()).toEqual(['app /', 'app /events/:id']);
});

test('counts what stands on the page once for each page view, the first one included', async () => {
  page = aPage({ isStrict: true });
  page.render(
    <>
      <TrackPageviews />
      <Track entity="ad:1" impression>
        <p style={{ height: 50 }}>Ad</p>
      </Track>
    </>,
  );
  await pass(1_000);
  await pass(1_000);
  history.pushState(null, '', '/events/1');
  await nextTask();
  await pass(1_000);

  const types = (await page.recorded()).map(({ type }) => type).filter((type) => type !== 'view');
  expect(types).toEqual(['served', 'page_view', 'impression', 'served', 'page_view', 'impression']);
});

test('waits for a router to say that the address changed', async () => {
  page = aPage({ isStrict: true });
  page.render(<TrackPageviews address="/" props={{ route: '/' }} />);
  await nextTask();
  history.pushState(null, '', '/events/1');
  await nextTask();
  page.render(<TrackPageviews address="/events/1" props={{ route: '/events/:id' }} />);
  page.render(<TrackPageviews address="/events/1" props={{ route: '/events/:id' }} />);
  await nextTask();

  expect(await views()).toEqual([' /', ' /events/:id']);
});

test('says once that somebody else records page views, and leaves it to them', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  page = aPage();
  page.render([<TrackPageviews key="1" />, <TrackPageviews key="2" />, <TrackPageviews key="3" />]);
  await nextTask();

  expect(await views()).toHaveLength(1);
  expect(warn.mock.calls).toEqual([
    [
      '[turnout] <TrackPageviews> does nothing: page views are recorded already. Create the tracker with ' +
        'createTracker({ pageViews: false }), and mount <TrackPageviews> once; or leave it out.',
    ],
  ]);
  page.close();

  page = aPage({ pageViews: true });
  page.render(<TrackPageviews />);
  await nextTask();
  expect(await views()).toHaveLength(1);
});

test('takes over from one that unmounts in the same commit', async () => {
  page = aPage();
  page.render(<TrackPageviews key="1" />);
  page.render(<TrackPageviews key="2" props={{ route: 'second' }} />);
  await nextTask();

  expect(await views()).toEqual([' second']);
});
