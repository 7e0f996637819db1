import { createList, inside } from '@turnout/sdk';
import { type ReactNode, useMemo } from 'react';
import { TrackerContext } from './tracking-provider.tsx';
import { useLatest } from './use-latest.ts';
import { useTracker } from './use-tracker.ts';

/** What `<TrackList>` is told. */
export interface TrackListProps {
  /** The name of the list, such as `home-feed`. */
  id: string;
  /** Where on the site: `feed`, `search` … */
  surface?: string | undefined;
  children?: ReactNode;
}

/**
 * Says of its children that they stand in a list: gives `list`, `surface`, and the `position` of each.
 *
 * A position is looked up in the document when something is recorded, from 0, so that it is right after
 * sorting. The outermost tracked elements are the items, and those of one entity are one item: a ticket
 * link inside of a card has the card's place. Where not all items are in the document, as in a virtual list, give
 * each `<Track>` its `position`, which wins.
 *
 * @example
 * <TrackList id="home-feed" surface="feed">
 *   {events.map((event) => (
 *     <Track key={event.id} entity={`event:${event.id}`} impression click>
 *       <EventCard event={event} />
 *     </Track>
 *   ))}
 * </TrackList>
 */
export function TrackList({ id, surface, children }: TrackListProps): ReactNode {
  const tracker = useTracker();
  const latest = useLatest(surface);
  const inner = useMemo(
    () =>
      createList(
        inside(tracker, () => ({ surface: latest.current })),
        id,
      ),
    [tracker, latest, id],
  );
  return <TrackerContext.Provider value={inner}>{children}</TrackerContext.Provider>;
}
