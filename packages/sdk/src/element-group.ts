/**
 * Several elements that are one thing, such as all that a component renders.
 */
import type { ElementTracking } from './element-tracking.ts';
import type { Tracker } from './tracker.ts';

/** Elements that stand for one tracked thing, now. */
export interface ElementGroup {
  observe(element: Element): void;
  unobserve(element: Element): void;
  /** True while there is no element. */
  isIdle(): boolean;
  /** Lets go of all elements, and takes no more. */
  stop(): void;
}

/**
 * Measures several elements as one thing. A click on any of them counts. An impression counts once, for whichever
 * was seen first: the tracker knows an entity again. What it cannot tell apart, visible time and
 * impressions without an entity or with `once: false`, is measured on the first element alone.
 *
 * @example
 * const card = createElementGroup(tracker, () => ({ entity: 'event:42', impression: true, click: true }));
 * card.observe(title);
 * card.observe(poster);
 */
export function createElementGroup(
  tracker: Pick<Tracker, 'observe'>,
  ask: () => ElementTracking,
): ElementGroup {
  const stops = new Map<Element, () => void>();
  const leaving = new Set<Element>();
  let first: Element | undefined;
  let isStopped = false;

  function read(element: Element): ElementTracking {
    const tracking = ask();
    if (element === first) return tracking;
    const { entity, impression } = tracking;
    const isKnownAgain =
      entity !== undefined && (typeof impression !== 'object' || impression.once !== false);
    return { ...tracking, impression: isKnownAgain && impression, duration: false };
  }
  function start(element: Element): void {
    stops.get(element)?.();
    first ??= element;
    stops.set(
      element,
      tracker.observe(element, () => read(element)),
    );
  }

  function drop(element: Element): void {
    stops.get(element)?.();
    stops.delete(element);
    if (element !== first) return;
    [first] = stops.keys();
    // What is watched is decided when observing begins, and the new first one is watched for more.
    if (first) start(first);
  }

  return {
    observe(element) {
      leaving.delete(element);
      // What an <Activity> of React shows again is told to the group of before, too.
      if (!isStopped && !stops.has(element)) start(element);
    },
    unobserve(element) {
      leaving.add(element);
      // Frameworks take an element away and give it back in one go. Only what is still gone after that has
      // left; a second in sight goes on meanwhile.
      queueMicrotask(() => leaving.delete(element) && drop(element));
    },
    isIdle: () => !stops.size,
    stop() {
      isStopped = true;
      leaving.clear();
      for (const stop of stops.values()) stop();
      stops.clear();
      first = undefined;
    },
  };
}
