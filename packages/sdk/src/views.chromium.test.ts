import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, startNetwork, storedEntries } from './fake-collector.ts';
import type { Tracker } from './tracker.ts';

beforeAll(startNetwork);

let collector: ReturnType<typeof aCollector>;
let tracker: Tracker;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  collector = aCollector();
  tracker = collector.tracker();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  cleanUp();
});

async function parts() {
  vi.useRealTimers();
  await tracker.flush();
  const byId = new Map(collector.interactions().map((it) => [it.id, it]));
  return [...byId.values()]
    .filter(({ type }) => type === 'view')
    .map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason]);
}

const act = (type = 'pointermove', target: EventTarget = document.body) =>
  target.dispatchEvent(new Event(type, { bubbles: true }));

test('checkpoints a dialog every 15 s, in increments that sum', async () => {
  const view = tracker.view({ entity: 'event:1' });

  vi.advanceTimersByTime(40_000);
  view.end();

  expect(await parts()).toEqual([
    [0, 0, undefined],
    [1, 15_000, undefined],
    [2, 15_000, undefined],
    [3, 10_000, 'close'],
  ]);
});

test('stops the clock a minute after the last sign of life, and goes on with the next', async () => {
  const view = tracker.view({ entity: 'event:1' });

  vi.advanceTimersByTime(30_000);
  act();
  vi.advanceTimersByTime(600_000);
  act('keydown');
  vi.advanceTimersByTime(5_000);
  view.end();

  const all = await parts();
  expect(all.reduce((sum, [, ms]) => sum + Number(ms), 0)).toBe(95_000);
});

test('stops the clock while another window is in front', async () => {
  const view = tracker.view({ entity: 'event:1' });
  const focus = vi.spyOn(document, 'hasFocus');

  vi.advanceTimersByTime(2_000);
  focus.mockReturnValue(false);
  dispatchEvent(new Event('blur'));
  vi.advanceTimersByTime(10_000);
  focus.mockReturnValue(true);
  dispatchEvent(new Event('focus'));
  vi.advanceTimersByTime(1_000);
  view.end();

  expect(await parts()).toEqual([
    [0, 0, undefined],
    [1, 3_000, 'close'],
  ]);
});

test('says whether somebody did something inside, and scrolled to its end', async () => {
  const dialog = document.createElement('div');
  dialog.innerHTML = '<div style="height:2000px">Setlist</div>';
  Object.assign(dialog.style, { height: '100px', overflow: 'auto' });
  document.body.append(dialog);
  const one = tracker.view({ entity: 'event:1' }, dialog);
  const other = tracker.view({ entity: 'event:2' }, document.createElement('div'));

  act('pointerdown', dialog);
  dialog.scrollTop = 2_000;
  act('scroll', dialog);
  vi.advanceTimersByTime(1_000);
  one.end();
  other.end();

  vi.useRealTimers();
  await tracker.flush();
  const ends = collector.interactions().filter(({ part }) => part === 1);
  expect(
    ends.map(({ entity_id, props }) => [entity_id, props?.interacted, props?.scrolled_to_bottom]),
  ).toEqual([
    ['1', true, true],
    ['2', false, false],
  ]);
});

test('the time until a sign-out is that of the person who leaves', async () => {
  const { visitorId } = tracker.ids();
  tracker.view({ entity: 'event:1' });

  vi.advanceTimersByTime(9_000);
  tracker.reset();
  vi.advanceTimersByTime(4_000);
  dispatchEvent(new PageTransitionEvent('pagehide'));

  expect(await parts()).toEqual([
    [0, 0, undefined],
    [1, 9_000, 'close'],
    [0, 4_000, 'pagehide'],
  ]);
  const ofFirst = collector.attempts.filter(({ batch }) => batch.visitor_id === visitorId);
  const partsOfFirst = ofFirst.flatMap(({ batch }) => batch.interactions.map(({ part }) => part));
  expect([...new Set(partsOfFirst)]).toEqual([0, 1]);
});

test('records the time of what is open when the tracker stops', async () => {
  await tracker.ready();
  tracker.view({ entity: 'event:1' });
  vi.advanceTimersByTime(7_000);

  tracker.stop();
  await vi.advanceTimersByTimeAsync(100);
  vi.useRealTimers();
  await expect.poll(() => storedEntries(collector.key)).not.toEqual([]);
  await collector.tracker().flush();

  expect(collector.interactions()[1]).toMatchObject({ part: 1, duration_ms: 7_000 });
});

test('a view that cannot tell what it is takes no other with it, nor what waits to be sent', async () => {
  let isGone = false;
  tracker.view({
    entity: 'event:1',
    get props() {
      if (isGone) throw new Error('the dialog is gone');
      return {};
    },
  });
  tracker.view({ entity: 'event:2' });
  isGone = true;

  vi.advanceTimersByTime(40_000);
  dispatchEvent(new PageTransitionEvent('pagehide'));
  vi.useRealTimers();

  await expect.poll(() => collector.interactions().length).toBe(3);
  expect(collector.interactions().map(({ entity_id, duration_ms }) => [entity_id, duration_ms])).toEqual([
    ['1', 0],
    ['2', 0],
    ['2', 40_000],
  ]);
});

test('knows how far a page in quirks mode was scrolled, where the body scrolls', async () => {
  const body = document.createElement('div');
  body.innerHTML = '<p style="height: 1000px">';
  body.style.cssText = 'height: 200px; overflow: auto';
  document.body.append(body);
  vi.spyOn(document, 'scrollingElement', 'get').mockReturnValue(body);
  tracker.track('page_view');

  body.scrollTop = 10_000;
  document.dispatchEvent(new Event('scroll'));
  vi.advanceTimersByTime(1_000);
  tracker.track('page_view');
  await tracker.flush();

  const scroll = collector.interactions().find(({ type }) => type === 'scroll');
  expect(scroll?.props).toMatchObject({ max_scroll_percent: 100 });
});

test('a sign-out by itself is no sign of life', async () => {
  tracker.view({ entity: 'event:1' });

  vi.advanceTimersByTime(600_000);
  tracker.reset();
  vi.advanceTimersByTime(600_000);
  act();
  vi.advanceTimersByTime(5_000);
  dispatchEvent(new PageTransitionEvent('pagehide'));

  expect((await parts()).reduce((sum, [, ms]) => sum + Number(ms), 0)).toBe(65_000);
});
