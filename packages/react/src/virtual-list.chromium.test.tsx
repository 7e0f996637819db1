import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track, TrackList } from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage({ isStrict: true });
});
afterEach(() => {
  expectAct(true);
  page.close();
});

/** Scrolling updates the list by itself, outside of any `act`. */
const expectAct = (isExpected: boolean) =>
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: isExpected });
function render() {
  page.render(<Concerts />);
  expectAct(false);
}

const ROW = 100;
const SHOWN = 4;

/** A thousand concerts of which only those near the eye are in the document. */
function Concerts() {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: 1_000,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 1,
  });
  return (
    <div ref={scroller} id="scroller" style={{ height: SHOWN * ROW, width: 300, overflow: 'auto' }}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        <TrackList id="home-feed" surface="feed">
          {rows.getVirtualItems().map(({ key, index, start }) => (
            <Track key={key} entity={`event:${index}`} position={index} impression click>
              <article style={{ position: 'absolute', top: start, height: ROW, width: 300 }}>
                Row {index}
              </article>
            </Track>
          ))}
        </TrackList>
      </div>
    </div>
  );
}

const scroller = () => document.querySelector('#scroller') as HTMLElement;
const rowsInDocument = () => scroller().querySelectorAll('article').length;
/** Scrolls so that this row is the first, and waits until its rows are there. */
async function scrollTo(index: number): Promise<void> {
  scroller().scrollTop = index * ROW;
  await expect.poll(() => scroller().textContent).toContain(`Row ${index + SHOWN - 1}`);
}
const range = (from: number) => Array.from({ length: SHOWN }, (_, n) => from + n);

test('records each row of a virtual list once, at its place in the list and not in the document', async () => {
  render();
  await expect.poll(rowsInDocument).toBe(SHOWN + 1);
  await pass(1_000);
  // Nobody saw what was passed on the way.
  await scrollTo(20);
  await pass(500);
  await scrollTo(500);
  await pass(1_000);
  click('Row 501');
  // The first rows are new elements by now, and were seen already.
  await scrollTo(0);
  await pass(1_000);
  await pass(1_000);

  expect(rowsInDocument()).toBeLessThan(10);
  const impressions = await page.recorded('impression');
  expect(impressions.map(({ entity_id, position }) => [entity_id, position])).toEqual(
    [...range(0), ...range(500)].map((index) => [String(index), index]),
  );
  expect(impressions.every(({ list_id, surface }) => list_id === 'home-feed' && surface === 'feed')).toBe(
    true,
  );
  expect(await page.recorded('click')).toMatchObject([{ entity_id: '501', position: 501 }]);
});

test('lets go of every row that left', async () => {
  const observed = new Set<Element>();
  const { observe, unobserve } = IntersectionObserver.prototype;
  IntersectionObserver.prototype.observe = function (element) {
    observed.add(element);
    observe.call(this, element);
  };
  IntersectionObserver.prototype.unobserve = function (element) {
    observed.delete(element);
    unobserve.call(this, element);
  };
  try {
    render();
    await expect.poll(rowsInDocument).toBe(SHOWN + 1);
    for (const index of [10, 200, 400, 600, 800]) await scrollTo(index);
    await pass(0);

    expect(observed.size).toBe(rowsInDocument());
    expect([...observed].every((element) => element.isConnected)).toBe(true);
  } finally {
    Object.assign(IntersectionObserver.prototype, { observe, unobserve });
  }
});
