import { expect, test } from 'vitest';
import * as react from './index.ts';

test('exports these names', () => {
  expect(Object.keys(react).sort()).toEqual([
    'Experiment',
    'Track',
    'TrackContext',
    'TrackList',
    'TrackPageviews',
    'TrackingProvider',
    'useClick',
    'useConsent',
    'useExperiment',
    'useFunnel',
    'useImpression',
    'useScrollDepth',
    'useSearchTracking',
    'useTrack',
    'useTracker',
    'useViewDuration',
  ]);
});
