'use client';
/**
 * The React entry: components and hooks around a tracker of `@turnout/sdk`.
 */
export type { Given } from './given.ts';
export { TrackContext, type TrackContextProps, TrackList, type TrackListProps } from './surroundings.tsx';
export { Track, type TrackProps } from './track.tsx';
export { TrackPageviews, type TrackPageviewsProps } from './track-pageviews.tsx';
export { TrackingProvider, type TrackingProviderProps } from './tracking-provider.tsx';
export {
  type UseViewDurationOptions,
  useFunnel,
  useScrollDepth,
  useSearchTracking,
  useViewDuration,
} from './use-behaviours.ts';
export { type ConsentState, useConsent } from './use-consent.ts';
export {
  type Tracked,
  type UseClickOptions,
  type UseImpressionOptions,
  useClick,
  useImpression,
} from './use-element.ts';
export {
  Experiment,
  type ExperimentProps,
  type ExperimentState,
  type UseExperimentOptions,
  useExperiment,
} from './use-experiment.tsx';
export { useTrack, useTracker } from './use-tracker.ts';
