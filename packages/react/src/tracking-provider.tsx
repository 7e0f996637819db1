import { createNoop, type Tracker } from '@turnout/sdk';
import { createContext, createElement, type ReactNode } from 'react';

/** What there is without a provider: it records nothing and breaks nothing. */
export const NO_TRACKER = createNoop();

/** The tracker of the nearest provider, list or context. */
export const TrackerContext = createContext(NO_TRACKER);

/** What `<TrackingProvider>` is told. */
export interface TrackingProviderProps {
  /** Made by `createTracker`, in a module of its own: the provider neither creates nor stops it. */
  tracker: Tracker;
  children?: ReactNode;
}

/**
 * Gives a tracker to every `<Track>`, `useTrack` and `useTracker` below it.
 *
 * @example
 * const tracker = createTracker({ key: 'wk_demo' });
 *
 * createRoot(root).render(
 *   <TrackingProvider tracker={tracker}>
 *     <App />
 *   </TrackingProvider>,
 * );
 */
export function TrackingProvider({ tracker, children }: TrackingProviderProps): ReactNode {
  return createElement(TrackerContext.Provider, { value: tracker }, children);
}
