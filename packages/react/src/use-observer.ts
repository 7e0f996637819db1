import { createElementGroup, type ElementGroup, type ElementTracking } from '@turnout/sdk';
import { type Given, propsOf } from './given.ts';
import { useLasting } from './use-lasting.ts';
import { useLatest } from './use-latest.ts';
import { useTracker } from './use-tracker.ts';

/** What is measured on an element, and what it is. Values are read when something is recorded. */
export interface Tracked extends Omit<ElementTracking, 'props'>, Given {
  /** Measures nothing while true. */
  disabled?: boolean | undefined;
}

/** Connects elements to the tracker while mounted. What they are may change; that never starts anew. */
export function useObserver(tracked: Tracked, connect: (observer: ElementGroup) => () => void): void {
  const tracker = useTracker();
  const latest = useLatest(tracked);
  const { disabled, impression, duration } = tracked;
  useLasting(() => {
    if (disabled) return;
    const observer = createElementGroup(tracker, () => ({
      ...latest.current,
      props: propsOf(latest.current),
    }));
    const disconnect = connect(observer);
    return () => {
      disconnect();
      observer.stop();
    };
    // The tracker decides what to watch when observing begins: turning one of these on has to begin anew.
  }, [tracker, !disabled, !impression, !duration]);
}
