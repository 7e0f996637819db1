import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { observeAttributes } from './auto/attributes.ts';
import type { ElementTracking } from './element-tracking.ts';
import { aCollector, cleanUp, startNetwork } from './fake-collector.ts';
import type { Tracker } from './tracker.ts';

beforeAll(async () => {
  await startNetwork();
  // Small enough that the test runner shows the frame without scaling it.
  await page.viewport(400, 600);
});

let collector: ReturnType<typeof aCollector>;
let tracker: Tracker;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  scrollTo(0, 0);
  collector = aCollector();
  tracker = collector.tracker();
});
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

/** An element in the page; `top` from the top of the document. */
function anElement(style: Partial<CSSStyleDeclaration> = {}, tag = 'div'): HTMLElement {
  const element = document.createElement(tag);
  document.body.style.margin = '0';
  document.body.style.height = '5000px';
  Object.assign(
    element.style,
    { position: 'absolute', width: '100px', height: '100px', top: '0px', left: '0px' },
    style,
  );
  document.body.append(element);
  return element;
}

/** Lets the browser lay out and deliver what its observers saw. */
async function frames(count = 3): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
  const channel = new MessageChannel();
  await new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });
}

/** Time passes without anything moving. */
async function pass(ms: number): Promise<void> {
  await frames();
  vi.advanceTimersByTime(ms);
}

async function recorded(type?: string) {
  vi.useRealTimers();
  await tracker.flush();
  // As a collector counts: a batch that took long, by a clock that ran ahead, comes again.
  const byId = new Map(collector.interactions().map((it) => [it.id, it]));
  return [...byId.values()].filter((it) => !type || it.type === type);
}

const hide = (isHidden: boolean) => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(isHidden ? 'hidden' : 'visible');
  document.dispatchEvent(new Event('visibilitychange'));
};

const impressed: ElementTracking = { entity: 'event:1', list: 'home-feed', position: 3, impression: true };

test('records an impression after one second at half in sight', async () => {
  tracker.observe(anElement({ top: `${innerHeight - 60}px` }), () => impressed);

  await pass(999);
  expect(await recorded()).toEqual([]);
});

test('records what was impressed, where, and how much of it was visible', async () => {
  tracker.observe(anElement({ top: `${innerHeight - 60}px` }), () => impressed);

  await pass(1_000);

  expect(await recorded()).toMatchObject([
    {
      type: 'impression',
      entity_type: 'event',
      entity_id: '1',
      list_id: 'home-feed',
      position: 3,
      visible_ratio: 0.6,
    },
  ]);
});

test('records no impression for 10 % in sight for 3 s and then 60 % for 28 ms', async () => {
  const element = anElement({ top: `${innerHeight - 10}px` });
  tracker.observe(element, () => impressed);

  await pass(3_000);
  element.style.top = `${innerHeight - 60}px`;
  await pass(28);
  element.style.top = `${innerHeight - 10}px`;
  await pass(3_000);

  expect(await recorded()).toEqual([]);
});

test('records no impression for 600 ms, a gap, and 600 ms', async () => {
  const element = anElement();
  tracker.observe(element, () => impressed);

  await pass(600);
  element.style.top = '4000px';
  await pass(100);
  element.style.top = '0px';
  await pass(600);

  expect(await recorded()).toEqual([]);
});

test('starts the second over when the page was hidden', async () => {
  tracker.observe(anElement(), () => impressed);

  await pass(600);
  hide(true);
  await pass(5_000);
  hide(false);
  await pass(600);
  expect(collector.interactions()).toEqual([]);
  await pass(400);

  expect(await recorded('impression')).toHaveLength(1);
});

test('sees real scrolling', async () => {
  tracker.observe(anElement({ top: '3000px' }), () => impressed);

  await pass(2_000);
  scrollTo(0, 2_800);
  await pass(1_000);

  expect(await recorded('impression')).toHaveLength(1);
});

test('counts what is taller than the screen when it fills half of the viewport', async () => {
  const tall = { height: `${innerHeight * 6}px` };
  const half = anElement({ ...tall, top: `${innerHeight * 0.5 - 2}px` });
  const less = anElement({ ...tall, top: `${innerHeight * 0.6}px`, left: '200px' });
  tracker.observe(half, () => ({ entity: 'event:half', impression: true }));
  tracker.observe(less, () => ({ entity: 'event:less', impression: true }));

  await pass(1_000);
  await pass(1_000);

  expect((await recorded('impression')).map(({ entity_id }) => entity_id)).toEqual(['half']);
});

test('notices the moment when something tall fills half of the viewport', async () => {
  const tall = anElement({ height: `${innerHeight * 6}px`, top: `${innerHeight * 0.9}px` });
  tracker.observe(tall, () => impressed);

  await pass(2_000);
  scrollTo(0, Math.ceil(innerHeight * 0.41));
  await pass(1_000);

  expect(await recorded('impression')).toHaveLength(1);
});

test('counts a very large ad at 30 %, and nothing else', async () => {
  const large = { width: '400px', height: '620px', top: `${innerHeight - 0.35 * 620}px` };
  tracker.observe(anElement(large), () => ({ entity: 'ad:1', impression: true }));
  tracker.observe(anElement(large), () => ({ entity: 'event:1', impression: true }));

  await pass(1_000);
  await pass(1_000);

  expect((await recorded('impression')).map(({ entity_type }) => entity_type)).toEqual(['ad']);
});

test('records one impression a page view, also when the element is mounted again', async () => {
  const element = anElement();
  const stop = tracker.observe(element, () => impressed);
  await pass(1_000);
  stop();
  element.remove();
  const again = anElement();
  tracker.observe(again, () => impressed);
  await pass(1_000);
  again.style.top = '4000px';
  await pass(1_000);
  again.style.top = '0px';
  await pass(1_000);

  expect(await recorded('impression')).toHaveLength(1);
});

test('records each return with once: false', async () => {
  const element = anElement();
  tracker.observe(element, () => ({ ...impressed, impression: { once: false, ms: 500 } }));

  await pass(500);
  element.style.top = '4000px';
  await pass(1_000);
  element.style.top = '0px';
  await pass(500);

  expect(await recorded('impression')).toHaveLength(2);
});

test('gives a recycled element a second of its own', async () => {
  let entity: 'event:1' | 'event:2' = 'event:1';
  tracker.observe(anElement(), () => ({ entity, impression: true }));

  await pass(900);
  entity = 'event:2';
  await pass(100);
  await pass(999);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  await pass(1);

  expect((await recorded('impression')).map(({ entity_id }) => entity_id)).toEqual(['2']);
});

test('keeps what the page throws while it is asked', async () => {
  const element = anElement();
  const read = vi.fn((): ElementTracking => impressed);
  tracker.observe(element, read);
  await pass(500);

  read.mockImplementation(() => {
    throw new Error('the page');
  });
  await pass(500);
  element.click();

  expect(await recorded()).toEqual([]);
});

test('records nothing between stop and the next second', async () => {
  const stop = tracker.observe(anElement(), () => impressed);

  await pass(900);
  stop();
  await pass(1_000);

  expect(await recorded()).toEqual([]);
});

test('takes another ratio and another time for an impression, where it is told to', async () => {
  const strict = anElement({ top: '530px' });
  const generous = anElement({ top: '530px', left: '200px' });
  tracker.observe(strict, () => ({ entity: 'event:strict', impression: { ratio: 0.8, ms: 100 } }));
  tracker.observe(generous, () => ({ entity: 'event:generous', impression: { ratio: 0.6, ms: 2_500 } }));

  await pass(2_400);
  await pass(100);

  const seen = (await recorded('impression')).map(({ entity_id, duration_ms }) => [entity_id, duration_ms]);
  expect(seen).toEqual([['generous', 2_500]]);
});

test('records an ad as served when it is there, and as an impression when it was seen', async () => {
  const stop = tracker.observe(anElement({ top: '4000px' }), () => ({ entity: 'ad:1', impression: true }));
  tracker.observe(anElement(), () => ({ entity: 'ad:2', impression: true }));
  await pass(1_000);
  stop();
  tracker.observe(anElement({ top: '4000px' }), () => ({ entity: 'ad:1', impression: true }));

  const all = await recorded();
  expect(all.map(({ type, entity_id }) => [type, entity_id])).toEqual([
    ['served', '1'],
    ['served', '2'],
    ['impression', '2'],
  ]);
  expect(all[2]?.props).toMatchObject({ time_to_view_ms: expect.any(Number) });
});

test('records one impression a session, where that is asked for', async () => {
  const once: ElementTracking = { entity: 'event:once', impression: { once: 'session' } };
  tracker.observe(anElement(), () => once);
  await pass(1_000);
  tracker.track('page_view');
  await pass(1_000);

  expect(await recorded('impression')).toHaveLength(1);
  sessionStorage.clear();
});

test('records a click that the page stops from propagating, with the latest values', async () => {
  const card = anElement();
  const button = card.appendChild(document.createElement('button'));
  button.addEventListener('click', (event) => event.stopImmediatePropagation());
  let position = 1;
  tracker.observe(card, () => ({ entity: 'event:1', position, click: { name: 'card' } }));

  position = 2;
  button.click();

  expect(await recorded()).toMatchObject([{ type: 'click', name: 'card', entity_id: '1', position: 2 }]);
});

test('records the nearest tracked element only', async () => {
  const card = anElement();
  const link = card.appendChild(document.createElement('span'));
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));
  tracker.observe(link, () => ({ entity: 'event:1', click: { type: 'ticket_click' } }));

  link.click();

  expect((await recorded()).map(({ type }) => type)).toEqual(['ticket_click']);
});

test('records the middle button and not the right one, and prevents nothing', async () => {
  const card = anElement();
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));

  const middle = new MouseEvent('auxclick', { button: 1, bubbles: true, cancelable: true });
  card.dispatchEvent(middle);
  card.dispatchEvent(new MouseEvent('auxclick', { button: 2, bubbles: true }));

  expect(middle.defaultPrevented).toBe(false);
  expect(await recorded('click')).toHaveLength(1);
});

test('reaches into open shadow trees', async () => {
  const host = anElement();
  const inner = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('b'));
  tracker.observe(inner, () => ({ entity: 'event:1', click: true }));

  inner.click();

  expect(await recorded('click')).toHaveLength(1);
});

test('measures visible time in parts: opened, hidden, gone', async () => {
  const element = anElement();
  const stop = tracker.observe(element, () => ({ entity: 'event:1', surface: 'feed', duration: true }));

  await pass(250);
  await pass(750);
  hide(true);
  await pass(60_000);
  hide(false);
  await pass(300);
  await pass(200);
  stop();

  const parts = await recorded('view');
  expect(parts.map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason])).toEqual([
    [0, 0, undefined],
    [1, 1_000, 'hidden'],
    [2, 500, 'unmount'],
  ]);
  expect(new Set(parts.map(({ view_id }) => view_id)).size).toBe(1);
  expect(parts[0]).toMatchObject({ entity_type: 'event', entity_id: '1', surface: 'feed' });
});

test('opens no view for what only scrolls by', async () => {
  const element = anElement();
  tracker.observe(element, () => ({ entity: 'event:1', duration: true }));

  await pass(200);
  element.style.top = '4000px';
  await pass(10_000);

  expect(await recorded()).toEqual([]);
});

test('measures a view that the page opens and closes itself', async () => {
  const view = tracker.view({ entity: 'event:1', surface: 'event_modal', props: { has_setlist: true } });
  await pass(1_500);
  view.end('close', { interacted: true });
  view.end();

  const parts = await recorded('view');
  expect(parts).toMatchObject([
    { part: 0, duration_ms: 0, view_id: view.viewId, props: { has_setlist: true } },
    { part: 1, duration_ms: 1_500, props: { has_setlist: true, interacted: true, end_reason: 'close' } },
  ]);
  expect(parts).toHaveLength(2);
});

test('records the time of an open view as the page goes', async () => {
  tracker.view({ entity: 'event:1' });
  await pass(700);

  dispatchEvent(new PageTransitionEvent('pagehide'));
  vi.useRealTimers();

  await expect
    .poll(() =>
      collector.interactions().map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason]),
    )
    .toEqual([
      [0, 0, undefined],
      [1, 700, 'pagehide'],
    ]);
});

test('opens and closes a view with its dialog', async () => {
  document.body.innerHTML = '<dialog data-track-duration="event:7">Tickets</dialog>';
  const dialog = document.querySelector('dialog') as HTMLDialogElement;
  const stop = observeAttributes(tracker);
  await pass(1_000);

  dialog.showModal();
  await pass(250);
  await pass(150);
  dialog.close();
  await pass(1_000);
  dialog.showModal();
  await pass(250);
  stop();

  const parts = await recorded('view');
  expect(parts.map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason])).toEqual([
    [0, 0, undefined],
    [1, 400, 'close'],
    [0, 0, undefined],
    [1, 250, 'unmount'],
  ]);
  expect(new Set(parts.map(({ view_id }) => view_id)).size).toBe(2);
});

test('reads what elements say about themselves', async () => {
  document.body.innerHTML = `
    <section data-track-list="home-feed" data-track-surface="feed">
      <article data-track-impression="event:123" data-track-click data-track-position="3"
        data-track-prop-artist-name="Khruangbin" data-track-num-price="25" data-track-bool-soldout="false"
        data-track-json-tags='["jazz"]' data-track-num-bad="cheap" data-track-bool-odd="maybe">
        <h3>Jazz</h3>
        <a href="#tickets" data-track="ticket_click" data-track-prop-ticket-provider="dice">Tickets</a>
      </article>
    </section>`;
  const stop = observeAttributes(tracker);

  await pass(1_000);
  document.querySelector('h3')?.click();
  document.querySelector('a')?.click();
  stop();

  const common = {
    entity_type: 'event',
    entity_id: '123',
    list_id: 'home-feed',
    surface: 'feed',
    position: 3,
  };
  const props = { artist_name: 'Khruangbin', price: 25, soldout: false, tags: ['jazz'] };
  expect(await recorded()).toMatchObject([
    { type: 'impression', ...common, props },
    { type: 'click', ...common, props },
    {
      type: 'ticket_click',
      ...common,
      props: { ticket_provider: 'dice', ticket_url: `${location.origin}${location.pathname}` },
    },
  ]);
});

test('takes false in an attribute for off, as frameworks write it', async () => {
  const box = anElement();
  box.innerHTML =
    '<a data-track="ticket_click" data-track-click="false" data-track-entity="event:1">Tickets</a>' +
    '<b data-track-click="load_more" data-track-impression="false" data-track-duration="false">More</b>';
  const stop = observeAttributes(tracker);
  await pass(2_000);

  for (const element of box.children) (element as HTMLElement).click();
  stop();

  expect((await recorded()).map(({ type, name }) => [type, name])).toEqual([['click', 'load_more']]);
});

test('finds elements and attributes that come later, and lets go of those that leave', async () => {
  const stop = observeAttributes(tracker);
  const late = anElement();
  late.innerHTML = '<b data-track-click="load_more">More</b><i>Later</i>';
  const [button, later] = late.children as unknown as [HTMLElement, HTMLElement];
  await frames();

  button.click();
  later.click();
  later.setAttribute('data-track', 'setlist_open');
  await frames();
  later.click();
  button.remove();
  await frames();
  button.click();
  stop();
  later.click();

  expect((await recorded()).map(({ type, name }) => [type, name])).toEqual([
    ['click', 'load_more'],
    ['custom', 'setlist_open'],
  ]);
});

test('tells whom it may concern when an impression is recorded, and goes on when that throws', async () => {
  const onImpression = vi.fn(() => {
    throw new Error('from the page');
  });
  tracker.observe(anElement(), () => ({ entity: 'event:1', impression: { onImpression } }));
  await pass(999);
  expect(onImpression).not.toHaveBeenCalled();
  await pass(1);
  await pass(2_000);

  expect(onImpression).toHaveBeenCalledOnce();
});
