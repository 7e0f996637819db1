import type { Tracker } from '@turnout/sdk';
import { useContext, useEffect } from 'react';
import { sayOnce } from './say-once.ts';
import { NO_TRACKER, TrackerContext } from './tracking-provider.tsx';

/**
 * The tracker of the nearest `<TrackingProvider>`: `view`, `identify`, `context`, `consent` and the rest. What it
 * records carries what the `<TrackList>` and `<TrackContext>` around say.
 *
 * Without a provider it is a tracker that does nothing, so components work in tests and Storybook.
 *
 * @example
 * const tracker = useTracker();
 * const signIn = (user: User) => tracker.identify(user.id);
 */
export function useTracker(): Tracker {
  const tracker = useContext(TrackerContext);
  if (process.env.NODE_ENV !== 'production') {
    // biome-ignore lint/correctness/useHookAtTopLevel: the condition is a constant of the build.
    useEffect(() => {
      if (tracker !== NO_TRACKER) return;
      sayOnce(
        'warn',
        'There is no <TrackingProvider> above a component that tracks, so nothing is recorded. ' +
          'Wrap your app in <TrackingProvider tracker={tracker}>, with a tracker from createTracker().',
      );
    }, [tracker]);
  }
  return tracker;
}

/**
 * The `track` function of the nearest `<TrackingProvider>`, merged with what is around. It stays the same
 * function from render to render. Call it in handlers and effects, never while rendering.
 *
 * @example
 * const track = useTrack();
 * <button onClick={() => track('share', { entity: 'event:42', props: { platform: 'link' } })}>Share</button>
 */
export function useTrack(): Tracker['track'] {
  return useTracker().track;
}
