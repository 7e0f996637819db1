import { type ReactNode, useEffect, useRef } from 'react';
import { type Given, useLatest } from './given.ts';
import { sayOnce } from './say-once.ts';
import { useTracker } from './use-tracker.ts';

/** What `<TrackPageviews>` is told. */
export interface TrackPageviewsProps extends Pick<Given, 'surface' | 'props'> {
  /**
   * The address as your router has it: a page view is recorded when it changes. The browser's history tells, if left
   * out.
   */
  address?: string | undefined;
}

/**
 * Records a `page_view` of the page that is open, and of each new address inside it.
 *
 * There is one source of page views: create the tracker with `pageViews: false`, and mount this once. Where there is
 * a source already, it says so in development and does nothing.
 *
 * @example
 * <TrackingProvider tracker={tracker}>
 *   <TrackPageviews />
 *   <App />
 * </TrackingProvider>
 */
export function TrackPageviews(props: TrackPageviewsProps): ReactNode {
  const { address } = props;
  const tracker = useTracker();
  const read = useLatest(props);
  const moved = useRef(() => {});
  const isRouted = address !== undefined;
  useEffect(() => {
    const stop = tracker.pageViews(
      read,
      isRouted
        ? (tell) => {
            moved.current = tell;
            return undefined;
          }
        : undefined,
    );
    if (process.env.NODE_ENV !== 'production' && !stop) {
      sayOnce(
        'warn',
        '<TrackPageviews> does nothing: page views are recorded already. Create the tracker with ' +
          'createTracker({ pageViews: false }), and mount <TrackPageviews> once; or leave it out.',
      );
    }
    return stop;
  }, [tracker, read, isRouted]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what it waits for.
  useEffect(() => moved.current(), [address]);
  return null;
}
