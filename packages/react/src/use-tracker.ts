import type { Tracker } from '@turnout/sdk';
import { useCallback, useContext, useEffect } from 'react';
import { NO_TRACKER } from './no-tracker.ts';
import { sayOnce } from './say-once.ts';
import { TrackerContext } from './tracking-provider.tsx';

/**
 * The tracker of the nearest `<TrackingProvider>`: `view`, `identify`, `context`, `consent` and the rest.
 *
 * Without a provider it is a tracker that does nothing, so components work in tests and Storybook.
 *
 * @example
 * const tracker = useTracker();
 * const signIn = (user: User) => tracker.identify(user.id);
 */
export function useTracker(): Tracker {
  const tracker = useContext(TrackerContext);
  useEffect(() => {
    if (!tracker) {
      sayOnce(
        'warn',
        'There is no <TrackingProvider> above a component that tracks, so nothing is recorded. ' +
          'Wrap your app in <TrackingProvider tracker={tracker}>, with a tracker from createTracker().',
      );
    }
  }, [tracker]);
  return tracker ?? NO_TRACKER;
}

/**
 * The `track` function of the nearest `<TrackingProvider>`. It stays the same function from render to
 * render. Call it in handlers and effects, never while rendering.
 *
 * @example
 * const track = useTrack();
 * <button onClick={() => track('share', { entity: 'event:42', props: { platform: 'link' } })}>Share</button>
 */
export function useTrack(): Tracker['track'] {
  const tracker = useTracker();
  return useCallback((...call: Parameters<Tracker['track']>) => tracker.track(...call), [tracker]);
}
