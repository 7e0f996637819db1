import type { ElementTracking, Tracker } from '@turnout/sdk';

/**
 * Hears which elements stand for one tracked thing. It has the shape of an IntersectionObserver as far as
 * React uses one: a fragment ref calls `observe` and `unobserve`, for children that come late too.
 */
export interface ElementObserver {
  observe(element: Element): void;
  unobserve(element: Element): void;
  /** Lets go of all elements. */
  stop(): void;
}

/**
 * Forwards elements to a tracker.
 *
 * Several elements are one thing. A click on any of them counts. An impression counts once, for whichever
 * was seen first: the tracker knows an entity again. What it cannot tell apart, visible time and
 * impressions without an entity or with `once: false`, is measured on the first element alone.
 */
export function createElementObserver(
  tracker: Pick<Tracker, 'observe'>,
  latest: () => ElementTracking,
): ElementObserver {
  const stops = new Map<Element, () => void>();
  let first: Element | undefined;

  function read(element: Element): ElementTracking {
    const tracking = latest();
    if (element === first) return tracking;
    const { entity, impression } = tracking;
    const isKnownAgain =
      entity !== undefined && (typeof impression !== 'object' || impression.once !== false);
    return { ...tracking, impression: isKnownAgain && impression, duration: false };
  }
  function observe(element: Element): void {
    stops.get(element)?.();
    first ??= element;
    stops.set(
      element,
      tracker.observe(element, () => read(element)),
    );
  }

  return {
    observe,
    unobserve(element) {
      stops.get(element)?.();
      stops.delete(element);
      if (element !== first) return;
      [first] = stops.keys();
      // What is watched is decided when observing begins, and the new first one is watched for more.
      if (first) observe(first);
    },
    stop() {
      for (const stop of stops.values()) stop();
      stops.clear();
      first = undefined;
    },
  };
}
