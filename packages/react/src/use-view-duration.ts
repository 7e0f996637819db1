import type { RefObject } from 'react';
import { type Given, propsOf } from './given.ts';
import { useLasting } from './use-lasting.ts';
import { useLatest } from './use-latest.ts';
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
  const latest = useLatest(options);
  const { entity, active = true } = options;
  useLasting(() => {
    if (!active) return;
    const { active: _, scope, ...details } = latest.current;
    const view = tracker.view({ ...details, props: propsOf(details) }, scope?.current ?? undefined);
    return () => {
      const now = latest.current;
      const isMounted = now.active === false || now.entity !== entity;
      view.end(isMounted ? 'close' : 'unmount', propsOf(now));
    };
  }, [tracker, entity, active]);
}
