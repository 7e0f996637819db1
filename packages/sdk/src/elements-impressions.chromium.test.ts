import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ElementTracking } from './element-tracking.ts';
import {
  anElement,
  aVisitAtRest,
  endVisit,
  impressed,
  openPage,
  pass,
  type Visit,
} from './elements.test-helper.ts';

beforeAll(openPage);

let recorded: Visit['recorded'];
let tracker: Visit['tracker'];
beforeEach(() => {
  ({ recorded, tracker } = aVisitAtRest());
});
afterEach(endVisit);

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

test('counts an ad as served once a page view, also where a router shows the next page before that', async () => {
  const anAd = (id: number) =>
    tracker.observe(anElement({ top: '4000px' }), () => ({ entity: `ad:${id}`, impression: true }));
  tracker.track('page_view');
  const stopFirst = anAd(1);
  anAd(9);
  await pass(1_000);

  stopFirst();
  anAd(2);
  tracker.track('page_view');
  await pass(1_000);
  // It comes back out of the cache: one more page view, with all that stands there.
  tracker.track('page_view');

  const served = (await recorded('served')).map(({ entity_id }) => entity_id);
  expect(served).toEqual(['1', '9', '2', '9', '9', '2']);
});

test('counts an ad as served once more when a refusal is taken back, which took the first time along', async () => {
  tracker.track('page_view');
  tracker.observe(anElement({ top: '4000px' }), () => ({ entity: 'ad:1', impression: true }));

  tracker.consent.deny();
  tracker.consent.grant();
  tracker.track('page_view');

  expect(await recorded('served')).toHaveLength(1);
});

test('measures on a page whose library put its own in the place of Array.from', async () => {
  // As MooTools and Prototype do: it takes no function.
  const from = vi.spyOn(Array, 'from').mockImplementation((given) => Array.prototype.slice.call(given));
  const stop = tracker.observe(anElement(), () => impressed);
  await pass(1_000);
  stop();
  from.mockRestore();

  expect(await recorded('impression')).toHaveLength(1);
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
