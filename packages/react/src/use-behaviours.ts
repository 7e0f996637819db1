/**
 * The behaviours of the SDK as hooks: they begin and end with a component, and know what is around it.
 */
import {
  createFunnel,
  createSearch,
  type Funnel,
  type FunnelOptions,
  type ScrollDepthOptions,
  type Search,
  type SearchOptions,
  scrollDepth,
} from '@turnout/sdk';
import { type RefObject, useMemo, useRef } from 'react';
import { type Given, useLatest } from './given.ts';
import { useLasting } from './use-lasting.ts';
import { useTracker } from './use-tracker.ts';

/** What {@link useViewDuration} is told. */
export interface UseViewDurationOptions extends Given {
  /**
   * Whether it is open.
   * @defaultValue `true`
   */
  active?: boolean | undefined;
  /** Its element: what is done and scrolled inside is recorded with the time. The page, if left out. */
  scope?: RefObject<Node | null> | undefined;
}

/**
 * Records a `view` of a page or dialog, and the time somebody attended to it. It ends with `close` when
 * `active` turns false, with `unmount` when the component goes. `props` are asked at its beginning and at its end.
 *
 * @example
 * useViewDuration({ entity: 'event:42', surface: 'event_modal', active: isOpen, props: () => ({ viewed_setlist }) });
 */
export function useViewDuration(options: UseViewDurationOptions): void {
  const tracker = useTracker();
  const { entity, active = true } = options;
  const read = useLatest(options, entity);
  const now = useLatest({ active });
  useLasting(() => {
    if (!active) return;
    const given = read();
    const view = tracker.view(given, given.scope?.current);
    return () => {
      // The last words are about what was open, also when something else is by now.
      view.end(now().active ? 'unmount' : 'close', read().props);
    };
  }, [tracker, entity, active]);
}

/**
 * Records how far a list was scrolled, once, when it is left: see `scrollDepth` of the SDK. Give each tab a list
 * of its own: another list ends this one.
 *
 * @returns A ref for the element that scrolls. Without one, the page is what scrolls.
 * @example
 * useScrollDepth({ list: `feed-${tab}`, tab: () => tab, marks: [25, 50, 75, 100] });
 */
export function useScrollDepth<Scroller extends Element = HTMLElement>(
  options: Omit<ScrollDepthOptions, 'element'>,
): RefObject<Scroller | null> {
  const tracker = useTracker();
  const scroller = useRef<Scroller>(null);
  const key = JSON.stringify(options);
  const read = useLatest({ tab: options.tab }, key);
  useLasting(
    () =>
      scrollDepth(tracker, {
        ...options,
        tab: () => read().tab?.(),
        // It may come late, behind its data.
        get element() {
          return scroller.current;
        },
      }),
    [tracker, key],
  );
  return scroller;
}

/**
 * Follows somebody through the steps to a goal: see `createFunnel` of the SDK.
 *
 * @returns A funnel that stays the same while its name, entity and steps do.
 * @example
 * const funnel = useFunnel('ticket', { entity: 'event:42', steps: ['details', 'interest', 'ticket_click'] });
 * <button onClick={() => funnel.step('interest')}>I’m interested</button>
 */
export function useFunnel<const Step extends string>(
  name: string,
  options: FunnelOptions<Step> = {},
): Funnel<Step> {
  const tracker = useTracker();
  // biome-ignore lint/correctness/useExhaustiveDependencies: options are written in place; what they say counts.
  return useMemo(() => createFunnel(tracker, name, options), [tracker, name, JSON.stringify(options)]);
}

/**
 * Measures a search box: see `createSearch` of the SDK. What waits is recorded when the component goes.
 *
 * @returns An object that stays the same while the options say the same. Call its methods in handlers and effects.
 * @example
 * const search = useSearchTracking({ scope: 'events' });
 * <input type="search" onChange={(event) => search.query(event.target.value)} />
 */
export function useSearchTracking(options: Omit<SearchOptions, 'found'> = {}): Search {
  const tracker = useTracker();
  // biome-ignore lint/correctness/useExhaustiveDependencies: options are written in place; what they say counts.
  const search = useMemo(() => createSearch(tracker, options), [tracker, JSON.stringify(options)]);
  useLasting(() => search.stop, [search]);
  return search;
}
