import * as React from 'react';
import { act, forwardRef, type ReactNode, Suspense, startTransition, useState } from 'react';
import { createPortal } from 'react-dom';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track, TrackContext, TrackList, useTrack } from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage({ isStrict: true });
});
afterEach(() => page.close());

const Card = forwardRef<HTMLElement, { children?: ReactNode }>(({ children = 'Card' }, ref) => (
  <article ref={ref} style={{ width: 200, height: 100 }}>
    {children}
  </article>
));
const never = new Promise<void>(() => {});
/** Keeps a render from ever being committed. */
function Stuck({ isStuck }: { isStuck: boolean }) {
  if (isStuck) throw never;
  return null;
}

/** Something whose state a test sets. */
function aState<State>(initial: State, show: (state: State) => ReactNode) {
  let set = (_: State) => {};
  function Shown() {
    const [state, setState] = useState(initial);
    set = setState;
    return show(state);
  }
  return { element: <Shown />, set: (state: State) => set(state) };
}

test('records what is on the page, whatever a render that React threw away was told', async () => {
  const state = aState(1, (id) => (
    <TrackContext value={{ surface: `page-${id}` }}>
      <Track entity={`event:${id}`} props={{ id }} impression click>
        <Card>Card {id}</Card>
      </Track>
      <Stuck isStuck={id === 2} />
    </TrackContext>
  ));
  page.render(<Suspense fallback="Loading">{state.element}</Suspense>);
  await pass(600);

  act(() => startTransition(() => state.set(2)));
  expect(document.querySelector('main')?.textContent).toBe('Card 1');
  click('Card 1');
  // The second in sight goes on through it.
  await pass(400);
  act(() => state.set(3));
  click('Card 3');

  const recorded = await page.recorded();
  expect(
    recorded.map(({ type, entity_id, surface, props }) => [type, entity_id, surface, props?.id]),
  ).toEqual([
    ['click', '1', 'page-1', 1],
    ['impression', '1', 'page-1', 1],
    ['click', '3', 'page-3', 3],
  ]);
});

test('records a change that a transition commits as what it is then, once', async () => {
  const state = aState('a', (id) => (
    <Track key={id} entity={`event:${id}`} impression duration>
      <Card>Card {id}</Card>
    </Track>
  ));
  page.render(state.element);
  await pass(1_000);
  act(() => startTransition(() => state.set('b')));
  await pass(1_000);
  act(() => startTransition(() => state.set('c')));
  await pass(999);

  const recorded = await page.recorded();
  const of = (type: string) => recorded.filter((it) => it.type === type).map(({ entity_id }) => entity_id);
  expect(of('impression')).toEqual(['a', 'b']);
  expect(
    recorded.filter(({ type, part }) => type === 'view' && part === 0).map((it) => it.entity_id),
  ).toEqual(['a', 'b', 'c']);
});

/** Keeps what it hides, from React 19.2 on. Before, a tab that is hidden is gone. */
const Activity: (props: { mode: 'visible' | 'hidden'; children: ReactNode }) => ReactNode =
  'Activity' in React ? React.Activity : ({ mode, children }) => (mode === 'visible' ? children : null);

test('measures what an <Activity> hides and shows again once at a time', async () => {
  const state = aState<'visible' | 'hidden'>('visible', (mode) => (
    <Activity mode={mode}>
      <Track entity="event:1" impression click duration>
        <Card />
      </Track>
    </Activity>
  ));
  page.render(state.element);
  for (const mode of ['hidden', 'visible', 'hidden', 'visible'] as const) {
    await pass(1_000);
    act(() => state.set(mode));
  }
  await pass(1_000);
  page.render(null);

  const recorded = await page.recorded();
  expect(recorded.filter(({ type }) => type === 'impression')).toHaveLength(1);
  const times = recorded.filter(({ type, part }) => type === 'view' && part);
  expect(times.map(({ duration_ms }) => duration_ms)).toEqual([1_000, 1_000, 1_000]);
});

test('records nothing for a component that was rendered and never committed', async () => {
  const started: unknown[] = [];
  function Tracked() {
    started.push(useTrack());
    return (
      <Track entity="event:1" impression click duration>
        <Card />
      </Track>
    );
  }
  page.render(
    <Suspense fallback={<p>Loading</p>}>
      <Tracked />
      <Stuck isStuck />
    </Suspense>,
  );
  await pass(2_000);
  page.render(null);

  expect(started.length).toBeGreaterThan(0);
  expect(await page.recorded()).toEqual([]);
});

test('measures what stands in a portal, with the list and context of its place in React', async () => {
  const elsewhere = document.body.appendChild(document.createElement('aside'));
  try {
    page.render(
      <TrackContext value={{ surface: 'event_modal' }}>
        {createPortal(
          <Track entity="event:1" impression click>
            <Card>Dialog</Card>
          </Track>,
          elsewhere,
        )}
      </TrackContext>,
    );
    await pass(1_000);
    elsewhere.querySelector('article')?.click();

    expect(await page.recorded()).toMatchObject([
      { type: 'impression', entity_id: '1', surface: 'event_modal' },
      { type: 'click', entity_id: '1', surface: 'event_modal' },
    ]);
  } finally {
    page.render(null);
    elsewhere.remove();
  }
});

test('follows a child that is there only under a condition', async () => {
  const state = aState(false, (isThere) => (
    <TrackList id="feed">
      <Track entity="event:0" click>
        <Card>First</Card>
      </Track>
      {isThere && (
        <Track entity="event:1" impression click>
          <Card>Second</Card>
        </Track>
      )}
    </TrackList>
  ));
  page.render(state.element);
  await pass(1_000);
  act(() => state.set(true));
  await pass(600);
  act(() => state.set(false));
  await pass(1_000);
  act(() => state.set(true));
  await pass(1_000);
  click('Second');
  act(() => state.set(false));
  act(() => state.set(true));
  await pass(1_000);

  expect((await page.recorded()).map(({ type, entity_id, position }) => [type, entity_id, position])).toEqual(
    [
      ['impression', '1', 1],
      ['click', '1', 1],
    ],
  );
});
