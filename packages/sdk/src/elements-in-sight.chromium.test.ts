import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  anElement,
  aVisitAtRest,
  endVisit,
  impressed,
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

test('records an impression after one second at half in sight', async () => {
  tracker.observe(anElement({ top: `${innerHeight - 60}px` }), () => impressed);

  await pass(999);
  expect(await recorded()).toEqual([]);
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
