import { type ScrollDepthOptions, scrollDepth } from '@turnout/sdk';
import { type RefObject, useRef } from 'react';
import { useLasting } from './use-lasting.ts';
import { useTracker } from './use-tracker.ts';

/** What {@link useScrollDepth} is told. */
export interface UseScrollDepthOptions extends Pick<ScrollDepthOptions, 'list' | 'surface' | 'marks'> {
  /** The active tab. Another one is another list: the depth of this one is recorded. */
  tab?: string | undefined;
}

/**
 * Records how far a list was scrolled, once, when it is left: see `scrollDepth` of the SDK.
 *
 * @returns A ref for the element that scrolls. Without one, the page is what scrolls.
 * @example
 * useScrollDepth({ list: 'home-feed', tab, marks: [25, 50, 75, 100] });
 */
export function useScrollDepth<Scroller extends Element = HTMLElement>({
  list,
  surface,
  marks,
  tab,
}: UseScrollDepthOptions = {}): RefObject<Scroller | null> {
  const tracker = useTracker();
  const scroller = useRef<Scroller>(null);
  useLasting(
    () =>
      scrollDepth(tracker, { list, surface, marks, tab: () => tab, element: scroller.current ?? undefined }),
    [tracker, list, surface, tab, `${marks}`],
  );
  return scroller;
}
