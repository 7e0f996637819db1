/**
 * Is it in sight? Geometry only: whether the page is visible, and for how long, is the caller's question.
 *
 * One IntersectionObserver for each threshold in use, shared by all elements; most pages need one. An
 * element is in sight when a share of it (half, unless said otherwise) can be seen. What is larger than
 * the viewport can never show that much, so it counts when it fills that share of the viewport.
 */
import { quietly } from './quietly.ts';

/** What is known about an element at the last change. */
export interface Sighting {
  isInSight: boolean;
  /** Share of the element that is visible, 0 to 1. */
  ratio: number;
  /** False when it has no box: removed, a closed dialog, `display: none`. */
  hasBox: boolean;
}

/** The share of an element of this size, in CSS pixels, that makes it viewable. */
type NeededRatio = (area: number) => number;

interface Watcher {
  needed: NeededRatio;
  threshold: number;
  changed: (sighting: Sighting) => void;
}

/** See {@link createViewability}. */
export interface Viewability {
  watch(element: Element, needed: NeededRatio, changed: (sighting: Sighting) => void): () => void;
  /** Delivers what the browser has measured but not told yet. */
  catchUp(): void;
  stop(): void;
}

/** Makes a {@link Viewability}. */
export function createViewability(): Viewability {
  const observers = new Map<number, IntersectionObserver>();
  const watchers = new Map<Element, Set<Watcher>>();

  function observe(element: Element, threshold: number): void {
    let observer = observers.get(threshold);
    if (!observer) {
      const receive = (entries: IntersectionObserverEntry[]) => {
        quietly(() => {
          for (const entry of entries) tell(entry, threshold);
        });
      };
      observer = new IntersectionObserver(receive, { threshold: [0, threshold, 1] });
      observers.set(threshold, observer);
    }
    observer.observe(element);
  }
  function unobserve(element: Element, threshold: number): void {
    const others = watchers.get(element);
    for (const other of others ?? []) if (other.threshold === threshold) return;
    observers.get(threshold)?.unobserve(element);
  }
  function tell(entry: IntersectionObserverEntry, threshold: number): void {
    const { width, height } = entry.boundingClientRect;
    const hasBox = width * height > 0;
    for (const watcher of watchers.get(entry.target) ?? []) {
      if (watcher.threshold !== threshold) continue;
      const needed = hasBox ? neededOf(watcher.needed, entry) : threshold;
      if (needed !== threshold) {
        // Its size is known only now, or has changed: only its own threshold tells when it is crossed.
        watcher.threshold = needed;
        observe(entry.target, needed);
        unobserve(entry.target, threshold);
      }
      const ratio = entry.isIntersecting && hasBox ? entry.intersectionRatio : 0;
      // The browser compares in fractions of device pixels, and may report a crossing a hair too low.
      watcher.changed({ isInSight: ratio > 0 && ratio >= needed - 0.001, ratio, hasBox });
    }
  }

  return {
    watch(element, needed, changed) {
      const watcher: Watcher = { needed, threshold: round(needed(0)), changed };
      const of = watchers.get(element) ?? new Set();
      watchers.set(element, of.add(watcher));
      // A second watcher of the same threshold would not be told where the element is now.
      if (of.size > 1) observers.get(watcher.threshold)?.unobserve(element);
      observe(element, watcher.threshold);
      return () => {
        of.delete(watcher);
        if (!of.size) watchers.delete(element);
        unobserve(element, watcher.threshold);
      };
    },
    catchUp() {
      for (const [threshold, observer] of observers) {
        for (const entry of observer.takeRecords()) tell(entry, threshold);
      }
    },
    stop() {
      for (const observer of observers.values()) observer.disconnect();
      observers.clear();
      watchers.clear();
    },
  };
}

function neededOf(
  needed: NeededRatio,
  { boundingClientRect, rootBounds }: IntersectionObserverEntry,
): number {
  const { width, height } = boundingClientRect;
  // The root is the outermost viewport: a frame shows no more than its own, and one of another origin is not
  // told of any other.
  const screenWidth = Math.min(innerWidth, rootBounds?.width ?? innerWidth);
  const screenHeight = Math.min(innerHeight, rootBounds?.height ?? innerHeight);
  const fitting = (Math.min(width, screenWidth) * Math.min(height, screenHeight)) / (width * height);
  return round(needed(width * height) * fitting);
}

/** Elements of about the same shape share an observer. */
const round = (ratio: number) => Math.max(0.001, Math.round(ratio * 1_000) / 1_000);
