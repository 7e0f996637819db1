import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { cleanUp, leavePage, startNetwork } from './fake-collector.ts';
import { aVisit, hide } from './recorded.test-helper.ts';
import { scrollDepth } from './scroll-depth.ts';

beforeAll(async () => {
  await startNetwork();
  await page.viewport(400, 500);
});
beforeEach(() => scrollTo(0, 0));
afterEach(() => {
  document.body.style.height = '';
  cleanUp();
});

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** Scrolls, and waits until the browser told so. */
async function scroll(top: number, element?: Element): Promise<void> {
  (element ?? window).scrollTo(0, top);
  for (let n = 0; n < 3; n++) await frame();
}

/** A page in which one can scroll so far. */
function aPage(range: number) {
  document.body.style.margin = '0';
  document.body.style.height = `${innerHeight + range}px`;
  return aVisit();
}

function aScroller(range: number): HTMLElement {
  const scroller = document.body.appendChild(document.createElement('div'));
  scroller.style.cssText = 'height: 100px; overflow: auto';
  scroller.innerHTML = `<div style="height: ${100 + range}px"></div>`;
  return scroller;
}

test('records the deepest point, once', async () => {
  const { tracker, recorded } = aPage(1_000);
  const stop = scrollDepth(tracker, { list: 'home-feed', surface: 'feed', tab: () => 'events' });

  await scroll(600);
  await scroll(50);
  leavePage();
  leavePage();
  stop();
  stop();

  expect(await recorded()).toMatchObject([
    {
      type: 'scroll',
      entity_type: 'list',
      entity_id: 'home-feed',
      list_id: 'home-feed',
      surface: 'feed',
      props: { max_scroll_percent: 60, active_tab: 'events' },
    },
  ]);
});

test('records when the page goes out of sight', async () => {
  const { tracker, recorded } = aPage(1_000);
  scrollDepth(tracker, { list: 'feed', marks: [25, 50, 75, 100] });

  await scroll(500);
  hide();

  expect((await recorded()).map(({ props }) => props)).toEqual([{ max_scroll_percent: 50, marks: [25, 50] }]);
});

test('10 % is not worth a word, and a return may still become one', async () => {
  const { tracker, recorded } = aPage(1_000);
  const stop = scrollDepth(tracker, { list: 'feed' });

  await scroll(100);
  hide();
  hide(false);
  expect(await recorded()).toEqual([]);
  await scroll(120);
  stop();

  expect(await recorded()).toMatchObject([{ props: { max_scroll_percent: 12 } }]);
});

test('a page that fits into the window was not scrolled', async () => {
  const { tracker, recorded } = aVisit();
  const stop = scrollDepth(tracker, { list: 'feed' });

  await scroll(300);
  leavePage();
  stop();

  expect(await recorded()).toEqual([]);
});

test('a list that grew was not read to its end', async () => {
  const { tracker, recorded } = aPage(1_000);
  const stop = scrollDepth(tracker, { list: 'feed' });

  await scroll(1_000);
  document.body.style.height = `${innerHeight + 4_000}px`;
  leavePage();
  stop();

  expect(await recorded()).toMatchObject([{ props: { max_scroll_percent: 25 } }]);
});

test('a list that shrank was read to its end', async () => {
  const { tracker, recorded } = aPage(1_000);
  const stop = scrollDepth(tracker, { list: 'feed' });

  await scroll(800);
  document.body.style.height = `${innerHeight + 400}px`;
  leavePage();
  stop();

  expect(await recorded()).toMatchObject([{ props: { max_scroll_percent: 100 } }]);
});

test('the next page of a router does not count for the one before', async () => {
  const { tracker, recorded } = aPage(1_000);
  const stop = scrollDepth(tracker, { list: 'feed' });

  await scroll(300);
  document.body.style.height = `${innerHeight + 9_000}px`;
  stop();

  expect(await recorded()).toMatchObject([{ props: { max_scroll_percent: 30 } }]);
});

test('measures an element, also when it has left the page', async () => {
  const { tracker, recorded } = aPage(1_000);
  const element = aScroller(400);
  const other = aScroller(400);
  const stop = scrollDepth(tracker, { list: 'feed', element });

  await scroll(100, element);
  await scroll(400, other);
  await scroll(900);
  element.remove();
  stop();

  expect(await recorded()).toMatchObject([{ props: { max_scroll_percent: 25 } }]);
});
