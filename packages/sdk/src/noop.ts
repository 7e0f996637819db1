import type { Consent } from './options.ts';
import type { Tracker } from './tracker.ts';

/** A tracker that does nothing: for servers, where there is no visitor to measure, and where there is none at all. */
export function createNoop(consent: Consent = 'granted'): Tracker {
  const nothing = () => {};
  return {
    track: nothing,
    identify: nothing,
    reset: nothing,
    context: () => nothing,
    consent: { grant: nothing, deny: nothing, status: () => consent },
    optOut: nothing,
    forget: () => Promise.resolve(),
    ids: () => ({}),
    flush: () => Promise.resolve(),
    ready: () => Promise.resolve(),
    on: () => nothing,
    observe: () => nothing,
    view: () => ({ viewId: '', end: nothing }),
    pageViews: () => nothing,
    stop: nothing,
  };
}
