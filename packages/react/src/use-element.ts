import type { ElementTracking, ImpressionOptions } from '@turnout/sdk';
import { type RefCallback, useState } from 'react';
import { createHeldElement } from './held-element.ts';
import { type Tracked, useObserver } from './use-observer.ts';

function useElement(tracked: Tracked): RefCallback<Element> {
  const [element] = useState(createHeldElement);
  useObserver(tracked, element.connect);
  return element.hold;
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
