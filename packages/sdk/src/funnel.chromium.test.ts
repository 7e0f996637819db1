import { afterEach, beforeAll, beforeEach, expect, expectTypeOf, test, vi } from 'vitest';
import { cleanUp, startNetwork } from './fake-collector.ts';
import { createFunnel } from './funnel.ts';
import { aVisit, holdTime } from './recorded.test-helper.ts';

beforeAll(startNetwork);
beforeEach(() => sessionStorage.clear());
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

const steps = ['details', 'seats', 'pay'] as const;
const entity = 'event:42';

function aVisitor(consent: 'granted' | 'pending' = 'granted') {
  const visit = aVisit({ consent });
  holdTime();
  /** As each page makes its own. */
  const aFunnel = () => createFunnel(visit.tracker, 'ticket', { entity, steps });
  return { ...visit, aFunnel };
}

test('each step says where it stands and how long it took', async () => {
  const { aFunnel, recorded } = aVisitor();

  aFunnel().step('details');
  vi.advanceTimersByTime(2_000);
  aFunnel().step('pay', { value: 49.5, currency: 'USD', props: { seats: 2 } });

  const [first, second] = await recorded();
  expect(first).toMatchObject({
    type: 'funnel_step',
    entity_type: 'event',
    entity_id: '42',
    props: { funnel: 'ticket', step: 'details', step_index: 0, ms_from_start: 0, ms_from_previous: 0 },
  });
  expect(first?.props).not.toHaveProperty('previous_step');
  expect(second).toMatchObject({
    value: 49.5,
    currency: 'USD',
    props: {
      funnel_id: first?.props?.funnel_id,
      step: 'pay',
      step_index: 2,
      previous_step: 'details',
      ms_from_start: 2_000,
      ms_from_previous: 2_000,
      seats: 2,
    },
  });
});

test('completion carries the steps and the time of each', async () => {
  const { aFunnel, recorded } = aVisitor();
  const funnel = aFunnel();

  funnel.step('details');
  vi.advanceTimersByTime(2_000);
  funnel.step('seats');
  vi.advanceTimersByTime(500);
  funnel.step('details');
  vi.advanceTimersByTime(1_000);
  funnel.complete({ orderId: 'o-1' });

  const last = (await recorded()).at(-1);
  expect(last).toMatchObject({
    order_id: 'o-1',
    props: {
      step: 'complete',
      previous_step: 'details',
      total_steps: 3,
      total_ms: 3_500,
      ms_by_step: { details: 3_000, seats: 500 },
    },
  });
  expect(last?.props).not.toHaveProperty('step_index');
});

test('giving up carries the reason, and what was never begun is not given up', async () => {
  const { aFunnel, recorded } = aVisitor();

  aFunnel().abandon('never begun');
  aFunnel().step('details');
  vi.advanceTimersByTime(700);
  aFunnel().abandon('price');

  expect((await recorded()).map(({ props }) => [props?.step, props?.reason, props?.total_ms])).toEqual([
    ['details', undefined, undefined],
    ['abandon', 'price', 700],
  ]);
});

test('a reload repeats neither step nor completion; the next step begins anew', async () => {
  const { aFunnel, recorded } = aVisitor();

  aFunnel().step('details');
  aFunnel().step('details');
  aFunnel().complete();
  aFunnel().complete();
  aFunnel().abandon('too late');
  aFunnel().step('details');

  const all = await recorded();
  expect(all.map(({ props }) => props?.step)).toEqual(['details', 'complete', 'details']);
  expect(all[2]?.props?.funnel_id).not.toBe(all[0]?.props?.funnel_id);
  expect(all[2]?.props).not.toHaveProperty('previous_step');
});

test('an hour without a step ends it', async () => {
  const { aFunnel, recorded } = aVisitor();

  aFunnel().step('details');
  vi.advanceTimersByTime(3_599_999);
  aFunnel().step('seats');
  vi.advanceTimersByTime(3_600_000);
  aFunnel().step('pay');

  const [first, second, third] = (await recorded()).map(({ props }) => props?.funnel_id);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('events have funnels of their own', async () => {
  const { tracker, recorded } = aVisitor();

  createFunnel(tracker, 'ticket', { entity: 'event:1' }).step('details');
  createFunnel(tracker, 'ticket', { entity: 'event:2' }).step('details');

  const ids = (await recorded()).map(({ props }) => props?.funnel_id);
  expect(new Set(ids).size).toBe(2);
});

test('lives in memory while nobody agreed, and moves when somebody does', async () => {
  const { aFunnel, tracker, recorded } = aVisitor('pending');

  aFunnel().step('details');
  expect(sessionStorage.length).toBe(0);
  tracker.consent.grant();
  aFunnel().step('seats');
  expect(sessionStorage.length).toBe(1);

  const [first, second] = (await recorded()).map(({ props }) => props);
  expect(second).toMatchObject({ funnel_id: first?.funnel_id, previous_step: 'details' });
});

test('keeps nothing after a refusal', async () => {
  const { aFunnel, tracker } = aVisitor();

  aFunnel().step('details');
  tracker.consent.deny();
  aFunnel().step('seats');

  expect(sessionStorage.length).toBe(0);
});

test('goes on where storage is refused', async () => {
  const { aFunnel, recorded } = aVisitor();
  vi.spyOn(window, 'sessionStorage', 'get').mockImplementation(() => {
    throw new DOMException('refused', 'SecurityError');
  });

  aFunnel().step('details');
  aFunnel().step('seats');

  expect((await recorded()).map(({ props }) => props?.previous_step)).toEqual([undefined, 'details']);
});

test('knows its steps', () => {
  const { aFunnel } = aVisitor();

  expectTypeOf(aFunnel().step).parameter(0).toEqualTypeOf<'details' | 'seats' | 'pay'>();
});

test('who comes after a sign-out has a funnel of their own', async () => {
  const { aFunnel, tracker, recorded } = aVisitor();

  aFunnel().step('details');
  tracker.reset();
  aFunnel().step('details');

  const [first, second] = await recorded('funnel_step');
  expect(second?.props).toMatchObject({ step: 'details', ms_from_start: 0 });
  expect(second?.props?.funnel_id).not.toBe(first?.props?.funnel_id);
});

test('nobody gives up what was over an hour ago', async () => {
  const { aFunnel, recorded } = aVisitor();

  aFunnel().step('details');
  vi.advanceTimersByTime(2 * 3_600_000);
  aFunnel().abandon('price');

  expect((await recorded()).map(({ props }) => props?.step)).toEqual(['details']);
});
