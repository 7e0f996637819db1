import { expect, test } from 'vitest';
import * as react from './index.ts';

test('exports these names', () => {
  expect(Object.keys(react).sort()).toEqual(['Track', 'TrackingProvider', 'useTrack', 'useTracker']);
});
