import { createFunnel, type Funnel, type FunnelOptions } from '@turnout/sdk';
import { useMemo } from 'react';
import { useTracker } from './use-tracker.ts';

/**
 * Follows somebody through the steps to a goal: see `createFunnel` of the SDK.
 *
 * @returns A funnel that stays the same while its name, entity and steps do.
 * @example
 * const funnel = useFunnel('ticket', { entity: 'event:42', steps: ['details', 'interest', 'ticket_click'] });
 * <button onClick={() => funnel.step('interest')}>I’m interested</button>
 */
export function useFunnel<const Step extends string>(
  name: string,
  options: FunnelOptions<Step> = {},
): Funnel<Step> {
  const tracker = useTracker();
  const { entity, steps } = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: steps are often written in place; their words count.
  return useMemo(() => createFunnel(tracker, name, options), [tracker, name, entity, `${steps}`]);
}
