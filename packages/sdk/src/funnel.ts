/**
 * Funnels: the steps from seeing something to buying it, with the time that each took.
 *
 * A funnel goes on over pages of the same tab and ends after an hour without a step. What the steps mean
 * together is computed from the rows, not here.
 */
import { now } from './clock.ts';
import type { Details, Entity } from './interaction.ts';
import { kept } from './kept.ts';
import type { Tracker } from './tracker.ts';
import { uuidv7 } from './uuid.ts';

/** What {@link createFunnel} is told. */
export interface FunnelOptions<Step extends string = string> {
  /** What the steps lead to, such as `event:42`: each has a funnel of its own. */
  entity?: Entity;
  /** All steps in their order. Gives `step_index`, and completion in the editor. */
  steps?: readonly Step[];
}

/** A funnel of one entity. */
export interface Funnel<Step extends string = string> {
  /** A step was reached. The same step again, such as after a reload, is not recorded again. */
  step(name: Step, details?: Details): void;
  /** It was completed: carries the number of steps, the total time and the time of each. */
  complete(details?: Details): void;
  /** It was given up, such as for `price`. */
  abandon(reason?: string): void;
}

interface State {
  id: string;
  /** Whose it is; nobody's without cookies. */
  who?: string | undefined;
  start: number;
  /** Of the latest step. */
  at: number;
  count: number;
  step?: string;
  /** How long each step lasted. */
  ms: Record<string, number>;
  isOver?: boolean;
}

const IDLE_MS = 3_600_000;

/**
 * Follows somebody through the steps to a goal. Each is a `funnel_step`.
 *
 * @example
 * const funnel = createFunnel(tracker, 'ticket', { entity: 'event:42', steps: ['details', 'seats', 'pay'] });
 * funnel.step('details');
 * funnel.complete({ value: 49.5, currency: 'USD' });
 */
export function createFunnel<const Step extends string>(
  tracker: Pick<Tracker, 'track' | 'consent' | 'ids'>,
  funnel: string,
  { entity, steps }: FunnelOptions<Step> = {},
): Funnel<Step> {
  const state = kept<State>(tracker, () => sessionStorage, `funnel:${funnel}:${entity ?? ''}`);
  // Who comes after a sign-out, or was measured by another tracker, has a funnel of their own.
  const who = () => tracker.ids().visitorId;
  const open = () => {
    const before = state.read();
    return before?.who === who() && now() - (before?.at ?? 0) < IDLE_MS ? before : undefined;
  };

  function record(step: string, isOver: boolean, details: Details = {}, reason?: string): void {
    const at = now();
    const before = open();
    if (before && (before.isOver ? isOver : before.step === step)) return;
    const {
      id,
      start,
      step: previous,
      at: since,
      count,
      ms,
    } = before && !before.isOver ? before : ({ id: uuidv7(), start: at, at, count: 0, ms: {} } as State);
    const index = steps?.indexOf(step as Step) ?? -1;
    const sincePrevious = at - since;
    if (previous) ms[previous] = (ms[previous] ?? 0) + sincePrevious;
    state.write({ id, who: who(), start, at, count: count + 1, step, ms, isOver });
    tracker.track('funnel_step', {
      entity,
      ...details,
      props: {
        funnel,
        funnel_id: id,
        step,
        step_index: index < 0 ? undefined : index,
        previous_step: previous,
        ms_from_start: at - start,
        ms_from_previous: sincePrevious,
        ...(isOver && { total_steps: count, total_ms: at - start, ms_by_step: ms, reason }),
        ...details.props,
      },
    });
  }

  return {
    step: (name, details) => record(name, false, details),
    complete: (details) => record('complete', true, details),
    abandon(reason) {
      // Nobody gives up what was never begun, or is long over.
      if (open()) record('abandon', true, {}, reason);
    },
  };
}
