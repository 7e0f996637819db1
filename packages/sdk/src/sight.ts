/**
 * Is it in sight? One IntersectionObserver for all elements of a tracker.
 *
 * Its thresholds are a percent apart: whatever share of an element is asked for, half of a card or half a
 * screen of a very tall one, the browser tells when it is crossed, within a percent of the element.
 */
import { addTo } from './groups.ts';
import { quietly } from './quietly.ts';

type Seen = (entry: IntersectionObserverEntry) => void;

/** See {@link watchSight}. */
export interface Sight {
  /** Calls `seen` with what can be seen of an element, now and at each change. Throws where there is no observer. */
  watch(element: Element, seen: Seen): () => void;
  /** Delivers what the browser has measured but not told yet. */
  catchUp(): void;
  stop(): void;
}

/** Makes a {@link Sight}. */
export function watchSight(): Sight {
  const watchers = new Map<Element, Set<Seen>>();
  let observer: IntersectionObserver | undefined;
  const tell = (entries: IntersectionObserverEntry[]) => {
    for (const entry of entries) {
      for (const seen of watchers.get(entry.target) ?? []) quietly(() => seen(entry));
    }
  };

  return {
    watch(element, seen) {
      observer ??= new IntersectionObserver(tell, {
        // Not `Array.from`: MooTools and Prototype put one in its place that takes no function.
        threshold: [...Array(101).keys()].map((percent) => percent / 100),
      });
      const forget = addTo(watchers, element, seen);
      // Who comes second would not be told where the element is now.
      observer.unobserve(element);
      observer.observe(element);
      return () => {
        forget();
        if (!watchers.has(element)) observer?.unobserve(element);
      };
    },
    catchUp: () => tell(observer?.takeRecords() ?? []),
    stop: () => observer?.disconnect(),
  };
}
