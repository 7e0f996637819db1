import { ACCEPTED_PAST_MS } from '@turnout/schema/wire';

/**
 * The time, in ms since 1970: what `Date.now` says, as long as that can be true.
 *
 * Pages replace it, to travel in time. Whoever believes a jump by years throws away what waits as too old,
 * or records what no collector takes. The clock that only runs forward bounds what is believed.
 */
export function now(): number {
  const steady = Math.round(performance.timeOrigin + performance.now());
  const told = Date.now();
  return Math.abs(told - steady) < ACCEPTED_PAST_MS ? Math.round(told) : steady;
}
