import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aCollector, cleanUp, startNetwork } from './fake-collector.ts';
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
