import {
  createElementGroup,
  type ElementGroup,
  type ElementTracking,
  type ImpressionOptions,
} from '@turnout/sdk';
import type { FragmentInstance } from 'react';
import { type RefCallback, useState } from 'react';
import type {} from 'react-dom'; // What a FragmentInstance can do.
import { type Given, useLatest } from './given.ts';
import { useLasting } from './use-lasting.ts';
import { useTracker } from './use-tracker.ts';

/** What is measured on an element, and what it is. Values are read when something is recorded. */
export interface Tracked extends Omit<ElementTracking, 'props'>, Given {
  /** Measures nothing while true. */
  disabled?: boolean | undefined;
}

/** What a ref gives: an element, all of a fragment, or something that cannot be measured. */
type Held = Partial<Element & FragmentInstance> | null | undefined;

/**
 * Connects what its ref holds to the tracker while mounted. What is known of it may change; that never starts anew. With
 * another entity it is something else, such as the next ad in the same place, and has its own second and its own time.
 *
 * @param check - Hears, in development, what was connected.
 * @returns A callback ref that stays the same.
 */
export function useElement(
  tracked: Tracked,
  check?: (group: ElementGroup, held: Held) => void,
): (value: unknown) => void {
  const tracker = useTracker();
  const { disabled, impression, duration, entity } = tracked;
  const read = useLatest(tracked, entity);
  const [holder] = useState(createHolder);
  useLasting(() => {
    if (disabled) return;
    const group = createElementGroup(tracker, read);
    holder.connect(group);
    if (process.env.NODE_ENV !== 'production') check?.(group, holder.held);
    return () => {
      holder.connect(undefined);
      group.stop();
    };
    // The tracker decides what to watch when observing begins: turning one of these on has to begin anew.
  }, [tracker, !disabled, !impression, !duration, entity]);
  return holder.hold;
}

/** Hands on to a group what a ref holds. */
function createHolder() {
  let group: ElementGroup | undefined;
  const holder = {
    held: undefined as Held,
    /** The ref. Components may give it anything, such as an object of methods. */
    hold(value: unknown): void {
      if (holder.held instanceof Element) group?.unobserve(holder.held);
      holder.held = value as Held;
      if (group) holder.connect(group);
    },
    connect(next: ElementGroup | undefined): void {
      const { held } = holder;
      // React asks no more of an observer than `observe` and `unobserve`, for children that come late too.
      const observer = (next ?? group) as unknown as IntersectionObserver;
      if (!next) held?.unobserveUsing?.(observer);
      else if (held instanceof Element) next.observe(held);
      else held?.observeUsing?.(observer);
      group = next;
    },
  };
  return holder;
}

/** What {@link useImpression} is told. */
export interface UseImpressionOptions
  extends Omit<Tracked, 'impression' | 'click' | 'duration'>,
    ImpressionOptions {}

/**
 * Records an `impression` of an element: at least `ratio` (0.5) of it in sight for `ms` (1000) without a
 * break. For elements that `<Track>` cannot reach, or when you have to hear of it.
 *
 * @returns A callback ref that stays the same.
 * @example
 * const ref = useImpression({ entity: 'ad:7', onImpression: () => setIsSeen(true) });
 * <aside ref={ref}>…</aside>
 */
export function useImpression(options: UseImpressionOptions): RefCallback<Element> {
  return useElement({ ...options, impression: options });
}

/** What {@link useClick} is told. */
export interface UseClickOptions
  extends Omit<Tracked, 'impression' | 'click' | 'duration'>,
    Extract<ElementTracking['click'], object> {}

/**
 * Records a `click` on an element, or another `type` such as `ticket_click`, also when the page stops it.
 *
 * @returns A callback ref that stays the same.
 * @example
 * const ref = useClick({ entity: 'event:42', type: 'ticket_click' });
 * <a ref={ref} href={url}>Tickets</a>
 */
export function useClick(options: UseClickOptions): RefCallback<Element> {
  return useElement({ ...options, click: options });
}
