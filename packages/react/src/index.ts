'use client';
/**
 * The React entry: `<Track>`, `<TrackingProvider>` and hooks around a tracker of `@turnout/sdk`.
 */
export { Track, type TrackProps } from './track.tsx';
export { TrackingProvider, type TrackingProviderProps } from './tracking-provider.tsx';
export { useTrack, useTracker } from './use-tracker.ts';
