import { act, type ReactNode, Suspense, startTransition, useEffect, useState } from 'react';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import {
  Experiment,
  Track,
  TrackContext,
  useClick,
  useConsent,
  useExperiment,
  useFunnel,
  useImpression,
  useScrollDepth,
  useSearchTracking,
  useViewDuration,
} from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
// StrictMode throughout: whatever is counted, is counted once.
beforeEach(() => {
  page = aPage({ isStrict: true });
});
afterEach(() => {
  page.close();
  localStorage.clear();
  sessionStorage.clear();
});

const box = { width: 200, height: 100 };
const said = async () =>
  (await page.recorded()).map(({ type, part }) => (part === undefined ? type : `${type} ${part}`));

test('records the impression and the clicks of an element by refs that stay the same', async () => {
  const refs = new Set<unknown>();
  const onImpression = vi.fn();
  function Ad({ n }: { n: number }) {
    const seen = useImpression({ entity: 'ad:7', ms: 500, props: { n }, onImpression });
    const clicked = useClick({ entity: 'ad:7', name: 'cta', props: () => ({ n }) });
    // Of committed renders: React 18 makes another state for the second render of StrictMode.
    useEffect(() => void refs.add(seen).add(clicked));
    return (
      <aside ref={seen} style={box}>
        <button type="button" ref={clicked}>
          Go
        </button>
      </aside>
    );
  }
  page.render(<Ad n={1} />);
  await pass(400);
  page.render(<Ad n={2} />);
  await pass(100);
  click('Go');

  const rows = (await page.recorded()).filter(({ type }) => type !== 'served');
  expect(rows).toMatchObject([
    { type: 'impression', entity_id: '7', props: { n: 2 } },
    { type: 'click', name: 'cta', props: { n: 2 } },
  ]);
  expect(onImpression).toHaveBeenCalledOnce();
  expect(refs.size).toBe(2);
});

test('measures how long something is open, and says how it ended', async () => {
  function Dialog({ active, used }: { active?: boolean; used?: boolean }) {
    useViewDuration({ entity: 'event:1', surface: 'event_modal', active, props: () => ({ used }) });
    return null;
  }
  page.render(<Dialog active={false} />);
  page.render(<Dialog active />);
  vi.advanceTimersByTime(1_200);
  page.render(<Dialog active={false} used />);
  page.render(<Dialog />);
  vi.advanceTimersByTime(300);
  page.render(null);

  const views = await page.recorded('view');
  expect(
    views.map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason, props?.used]),
  ).toEqual([
    [0, 0, undefined, undefined],
    [1, 1_200, 'close', true],
    [0, 0, undefined, undefined],
    [1, 300, 'unmount', undefined],
  ]);
  expect(new Set(views.map(({ view_id }) => view_id)).size).toBe(2);
});

test('records how far a list was scrolled when another one takes its place', async () => {
  function Feed({ tab }: { tab: string }) {
    const scroller = useScrollDepth<HTMLDivElement>({
      list: `feed-${tab}`,
      tab: () => tab,
      marks: [25, 100],
    });
    return (
      <div ref={scroller} data-scroller style={{ height: 100, overflow: 'auto' }}>
        <div style={{ height: 400 }} />
      </div>
    );
  }
  page.render(<Feed tab="events" />);
  const element = document.querySelector('[data-scroller]') as HTMLElement;
  element.scrollTop = 100;
  element.dispatchEvent(new Event('scroll'));
  page.render(<Feed tab="news" />);
  page.render(null);

  expect(await page.recorded('scroll')).toMatchObject([
    { entity_id: 'feed-events', props: { max_scroll_percent: 33, active_tab: 'events', marks: [25] } },
  ]);
});

test('measures a scroller that comes behind its data', async () => {
  function Feed({ isLoaded }: { isLoaded: boolean }) {
    const scroller = useScrollDepth<HTMLDivElement>({ list: 'feed' });
    return isLoaded ? (
      <div ref={scroller} data-scroller style={{ height: 100, overflow: 'auto' }}>
        <div style={{ height: 400 }} />
      </div>
    ) : (
      <p>Loading</p>
    );
  }
  page.render(<Feed isLoaded={false} />);
  document.body.style.minHeight = '5000px';
  window.scrollTo(0, 4_000);
  document.dispatchEvent(new Event('scroll'));
  page.render(<Feed isLoaded />);
  const element = document.querySelector('[data-scroller]') as HTMLElement;
  element.scrollTop = 150;
  element.dispatchEvent(new Event('scroll'));
  // The page behind it is not what was scrolled.
  page.render(<Feed isLoaded={false} />);
  document.dispatchEvent(new Event('scroll'));
  page.render(null);
  document.body.style.minHeight = '';

  expect(await page.recorded('scroll')).toMatchObject([
    { entity_id: 'feed', props: { max_scroll_percent: 50 } },
  ]);
});

test('follows a funnel with what is around it', async () => {
  const funnels = new Set<unknown>();
  function Steps() {
    const funnel = useFunnel('ticket', { entity: 'event:1', steps: ['details', 'pay'] });
    funnels.add(funnel);
    return (
      <>
        <button type="button" onClick={() => funnel.step('details')}>
          Details
        </button>
        <button type="button" onClick={() => funnel.complete()}>
          Pay
        </button>
      </>
    );
  }
  const app = () => (
    <TrackContext value={{ surface: 'checkout' }}>
      <Steps />
    </TrackContext>
  );
  page.render(app());
  page.render(app());
  for (const text of ['Details', 'Details', 'Pay']) click(text);

  expect(await page.recorded()).toMatchObject([
    { type: 'funnel_step', surface: 'checkout', props: { step: 'details', step_index: 0 } },
    { type: 'funnel_step', surface: 'checkout', props: { step: 'complete', total_steps: 1 } },
  ]);
  // React 18 makes memos of StrictMode twice.
  expect(funnels.size).toBeLessThan(3);
});

test('records an exposure when a variant is read in a render that is committed, once', async () => {
  function Hero({ isRead }: { isRead: boolean }) {
    const hero = useExperiment('hero', { variants: ['control', 'b'], fallback: 'control' });
    return <p>{isRead ? hero.variant : String(hero.ready)}</p>;
  }
  const never = new Promise<void>(() => {});
  function Suspended({ isOn }: { isOn: boolean }): ReactNode {
    useExperiment('thrown-away', { variants: ['a', 'b'], fallback: 'a' }).variant;
    if (isOn) throw never;
    return null;
  }
  let start = () => {};
  function App() {
    const [isOn, setIsOn] = useState(false);
    start = () => startTransition(() => setIsOn(true));
    return <Suspense>{isOn && <Suspended isOn />}</Suspense>;
  }
  page.render(<Hero isRead={false} />);
  expect(document.querySelector('p')?.textContent).toBe('true');
  page.render([<Hero key="1" isRead />, <Hero key="2" isRead />, <App key="3" />]);
  act(() => start());
  page.render([<Hero key="1" isRead />, <App key="3" />]);

  const shown = document.querySelector('p')?.textContent;
  expect(await page.recorded()).toMatchObject([{ type: 'exposure', experiment: 'hero', variant: shown }]);
});

test('shows the variant of the visitor', async () => {
  page.render(<Experiment id="headline" variants={{ only: <h1>Tonight</h1> }} />);

  expect(document.querySelector('h1')?.textContent).toBe('Tonight');
  expect(await page.recorded()).toMatchObject([
    { type: 'exposure', experiment: 'headline', variant: 'only' },
  ]);
});

test('records a search once with its results, and the choice', async () => {
  const searches = new Set<unknown>();
  function Box() {
    const [, setText] = useState('');
    const search = useSearchTracking({ scope: 'events', debounceMs: 300 });
    searches.add(search);
    const type = (text: string) => {
      setText(text);
      search.query(text);
      search.results({ count: text.length, ms: 5 });
    };
    return (
      <>
        <button type="button" onClick={() => ['j', 'ja', 'jazz'].forEach(type)}>
          Type
        </button>
        <button type="button" onClick={() => search.select('event:1', { position: 2 })}>
          Choose
        </button>
      </>
    );
  }
  page.render(<Box />);
  act(() => click('Type'));
  vi.advanceTimersByTime(300);
  click('Choose');
  page.render(null);

  const rows = await page.recorded();
  expect(rows).toMatchObject([
    { type: 'search', query: 'jazz', props: { result_count: 4, search_type: 'events' } },
    { type: 'click', entity_id: '1', position: 2, surface: 'search', search_id: rows[0]?.search_id },
  ]);
  expect(searches.size).toBeLessThan(3);
});

test('records the search that waits when its component goes', async () => {
  function Box() {
    const search = useSearchTracking();
    return (
      <button type="button" onClick={() => search.query('jazz')}>
        Type
      </button>
    );
  }
  page.render(<Box />);
  click('Type');
  page.render(null);

  expect(await page.recorded()).toMatchObject([{ type: 'search', query: 'jazz' }]);
});

test('renders anew when consent changes, and for nothing else', async () => {
  page.close();
  page = aPage({ consent: 'pending' });
  const renders: unknown[] = [];
  function Banner() {
    const { status, grant } = useConsent();
    renders.push(status);
    return (
      <button type="button" onClick={grant}>
        Accept
      </button>
    );
  }
  page.render(<Banner />);
  act(() => page.tracker.track('share'));
  act(() => click('Accept'));
  act(() => page.tracker.consent.grant());

  expect(renders).toEqual(['pending', 'granted']);
  expect(await said()).toEqual(['share']);
});

test('goes on when a props function throws', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  page.render(
    <TrackContext
      value={{
        surface: 'feed',
        props: () => {
          throw new Error('mine');
        },
      }}
    >
      <Track
        entity="event:1"
        click
        props={() => {
          throw new Error('mine');
        }}
      >
        <p>Card</p>
      </Track>
    </TrackContext>,
  );
  click('Card');

  expect(await page.recorded()).toMatchObject([{ type: 'click', entity_id: '1', surface: 'feed' }]);
  expect(error.mock.calls).toEqual([
    ['[turnout] A "props" function threw, so its interaction is recorded without props: Error: mine'],
  ]);
});

test('renders 200 tracked cards once, whatever is recorded of them', async () => {
  let renders = 0;
  function Card({ n }: { n: number }) {
    renders++;
    const ref = useClick({ entity: `event:${n}` });
    return (
      <p ref={ref} style={{ height: 2, margin: 0 }}>
        {`Card ${n}`}
      </p>
    );
  }
  page.close();
  page = aPage();
  page.render(
    Array.from({ length: 200 }, (_, n) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they never change places.
      <Track key={n} entity={`event:${n}`} impression={{ ms: 100 }} duration>
        <div>
          <Card n={n} />
        </div>
      </Track>
    )),
  );
  await pass(100);
  await pass(1_000);
  for (let n = 0; n < 200; n++) click(`Card ${n}`);

  const rows = await page.recorded();
  expect(rows.filter(({ type }) => type === 'impression')).toHaveLength(200);
  expect(rows.filter(({ type }) => type === 'click')).toHaveLength(200);
  expect(renders).toBe(200);
});

test('says at the end of one view what was true of it, and not of the next', async () => {
  function Dialog({ id, seen }: { id?: number; seen?: boolean }) {
    const entity = id === undefined ? undefined : (`event:${id}` as const);
    useViewDuration({ entity, active: id !== undefined, props: () => ({ id, seen }) });
    return null;
  }
  page.render(<Dialog id={1} />);
  page.render(<Dialog id={1} seen />);
  page.render(<Dialog id={2} />);
  page.render(<Dialog />);

  const views = await page.recorded('view');
  expect(views.map(({ entity_id, part, props }) => [entity_id, part, props])).toMatchObject([
    ['1', 0, { id: 1 }],
    ['1', 1, { id: 1, seen: true, end_reason: 'unmount' }],
    ['2', 0, { id: 2 }],
    ['2', 1, { id: 2, end_reason: 'close' }],
  ]);
  expect(views[3]?.props).not.toHaveProperty('seen');
});

test('tells the tab of a list as it is when its depth is recorded', async () => {
  function Feed({ tab }: { tab: string }) {
    const scroller = useScrollDepth<HTMLDivElement>({ list: 'feed', tab: () => tab });
    return (
      <div ref={scroller} data-scroller style={{ height: 100, overflow: 'auto' }}>
        <div style={{ height: 400 }} />
      </div>
    );
  }
  page.render(<Feed tab="events" />);
  page.render(<Feed tab="news" />);
  const element = document.querySelector('[data-scroller]') as HTMLElement;
  element.scrollTop = 100;
  element.dispatchEvent(new Event('scroll'));
  page.render(null);

  expect(await page.recorded('scroll')).toMatchObject([{ props: { active_tab: 'news' } }]);
});
