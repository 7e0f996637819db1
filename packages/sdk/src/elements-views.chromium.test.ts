import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  anElement,
  aVisitAtRest,
  endVisit,
  frames,
  openPage,
  pass,
  type Visit,
} from './elements.test-helper.ts';
import { hide } from './recorded.test-helper.ts';

beforeAll(openPage);

let collector: Visit['collector'];
let recorded: Visit['recorded'];
let tracker: Visit['tracker'];
beforeEach(() => {
  ({ collector, recorded, tracker } = aVisitAtRest());
});
afterEach(endVisit);

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

test('takes nobody to look on for longer than a minute while the page stands still, as behind confirm()', async () => {
  const stop = tracker.observe(anElement(), () => ({ entity: 'event:1', duration: true }));
  await frames();

  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 600_000);
  vi.advanceTimersByTime(250);
  stop();

  expect((await recorded('view')).map(({ duration_ms }) => duration_ms)).toEqual([0, 60_000]);
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
