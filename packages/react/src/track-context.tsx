import { inside } from '@turnout/sdk';
import { type ReactNode, useMemo } from 'react';
import { type Given, propsOf } from './given.ts';
import { TrackerContext } from './tracking-provider.tsx';
import { useLatest } from './use-latest.ts';
import { useTracker } from './use-tracker.ts';

/** What `<TrackContext>` is told. */
export interface TrackContextProps {
  /** Merged into everything that is recorded inside; the latest value counts. */
  value: Given;
  children?: ReactNode;
}

/**
 * Says where its children are: merged into everything that is recorded inside, by components and hooks.
 *
 * Contexts nest. The nearest one wins, `props` are merged one by one, and what an interaction says itself
 * wins over all. A new value renders nothing anew.
 *
 * @example
 * <TrackContext value={{ surface: 'event_modal', props: { event_id: event.id } }}>
 *   <EventDetails event={event} />
 * </TrackContext>
 */
export function TrackContext({ value, children }: TrackContextProps): ReactNode {
  const tracker = useTracker();
  const latest = useLatest(value);
  const inner = useMemo(
    () => inside(tracker, () => ({ ...latest.current, props: propsOf(latest.current) })),
    [tracker, latest],
  );
  return <TrackerContext.Provider value={inner}>{children}</TrackerContext.Provider>;
}
