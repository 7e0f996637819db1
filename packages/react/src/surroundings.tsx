/**
 * What is around: lists and contexts give a tracker to what is inside that knows of them.
 */
import { createList, inside } from '@turnout/sdk';
import { createElement, type ReactNode, useMemo } from 'react';
import { type Given, useLatest } from './given.ts';
import { TrackerContext } from './tracking-provider.tsx';
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
  const read = useLatest({ surface });
  const inner = useMemo(() => createList(inside(tracker, read), id), [tracker, read, id]);
  return createElement(TrackerContext.Provider, { value: inner }, children);
}

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
  const read = useLatest(value);
  const inner = useMemo(() => inside(tracker, read), [tracker, read]);
  return createElement(TrackerContext.Provider, { value: inner }, children);
}
