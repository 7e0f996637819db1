import type { Tracker } from '@turnout/sdk';

const nothing = () => {};

/** What hooks return without a provider: it records nothing and breaks nothing. */
export const NO_TRACKER: Tracker = {
  track: nothing,
  identify: nothing,
  reset: nothing,
  context: () => nothing,
  consent: { grant: nothing, deny: nothing, status: () => 'granted' },
  optOut: nothing,
  forget: () => Promise.resolve(),
  ids: () => ({}),
  flush: () => Promise.resolve(),
  ready: () => Promise.resolve(),
  on: () => nothing,
  observe: () => nothing,
  view: () => ({ viewId: '', end: nothing }),
  stop: nothing,
};
