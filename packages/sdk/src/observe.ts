/**
 * Tracked elements: what React components and data attributes both end in.
 *
 * An element is impressed when it was in sight for a second without a break, in a visible page; it is
 * clicked when it is the nearest tracked one around the click; its time is the time in sight.
 */
import type { Log } from './debug.ts';
import type { Details, Entity, Props } from './interaction.ts';
import { later } from './later.ts';
import { listen } from './listen.ts';
import { createViewability, type Sighting } from './viewability.ts';
import type { Stopwatch, Views } from './views.ts';

/** What is measured on an element, and what it is. */
export interface ElementTracking {
  /** What it is: `event:42`, `artist:a-7` … */
  entity?: Entity | undefined;
  /** The list it stands in. */
  list?: string | undefined;
  /** Its place in the list, from 0. */
  position?: number | undefined;
  /** Where on the site: `feed`, `search` … */
  surface?: string | undefined;
  /** More facts as JSON. */
  props?: Props | undefined;
  /**
   * Records an `impression`: at least `ratio` (0.5) of it in sight for `ms` (1000) without a break. Once
   * per page view, or each time it comes back into sight when `once` is false.
   */
  impression?: boolean | { ratio?: number; ms?: number; once?: 'view' | false } | undefined;
  /** Records a `click`, or another `type` such as `ticket_click`, when it is the nearest tracked element. */
  click?: boolean | { name?: string; type?: string } | undefined;
  /** Records a `view` with its visible time, once it was in sight for `min` (250) ms. */
  duration?: boolean | { min?: number } | undefined;
}

/** See {@link createElements}. */
export interface Elements {
  /** Starts measuring. `read` is asked whenever something is recorded. */
  observe(element: Element, read: () => ElementTracking): () => void;
  /** The page went out of sight, or came back: dwell starts over. */
  visibilityChanged(): void;
  /** A new page view: everything may be impressed once more. */
  renew(): void;
  stop(): void;
}

interface Candidate {
  update(): void;
  arm(): void;
  stop(): void;
}

const RATIO = 0.5;
const DWELL_MS = 1_000;
const MIN_DURATION_MS = 250;
/** Very large ads are viewable at 30 %, as the Media Rating Council has it. */
const LARGE_AD_AREA = 242_500;
const LARGE_AD_RATIO = 0.3;

/** Makes the {@link Elements} of a tracker. */
export function createElements(
  track: (type: string, details: Details) => void,
  views: Views,
  { debug, guard }: Pick<Log, 'debug' | 'guard'>,
): Elements {
  const viewability = createViewability();
  const clickable = new Map<Element, Set<() => ElementTracking>>();
  const candidates = new Set<Candidate>();
  /** What was impressed in this page view, by what it is and where it stands, and by element. */
  const seen = new Set<string>();
  let seenElements = new WeakMap<Element, string>();

  function clicked(event: MouseEvent): void {
    // `auxclick` is also the right button, which opens a menu.
    if (event.type === 'auxclick' && event.button !== 1) return;
    // The path reaches into open shadow trees; `target` stops at their host.
    for (const node of event.composedPath()) {
      let isFound = false;
      for (const read of clickable.get(node as Element) ?? []) {
        const { click, ...about } = read();
        if (!click) continue;
        isFound = true;
        const { type = 'click', name } = click === true ? {} : click;
        track(type, { ...detailsOf(about), name });
      }
      if (isFound) return;
    }
  }
  // Capture: the page may stop propagation. Passive: nothing here prevents or delays anything.
  const how = { capture: true, passive: true };
  const stops = ['click', 'auxclick'].map((type) => listen(document, type, guard(clicked), how));

  function observe(element: Element, ask: () => ElementTracking): () => void {
    // The page's own code, called from observers and timers: what it throws must not surface there.
    const read = () => guard(ask)() ?? {};
    const reads = clickable.get(element) ?? new Set();
    clickable.set(element, reads.add(read));
    // Without IntersectionObserver, clicks are still worth having.
    const stopWatching = read().impression || read().duration ? guard(watch)(element, read) : undefined;
    return () => {
      reads.delete(read);
      if (!reads.size) clickable.delete(element);
      stopWatching?.();
    };
  }

  function watch(element: Element, read: () => ElementTracking): () => void {
    let sighting: Sighting = { isInSight: false, ratio: 0, hasBox: false };
    let isActive = false;
    let stopDwell = () => {};
    let stopOpening = () => {};
    let view: Stopwatch | undefined;

    const isSeen = (tracking: ElementTracking) =>
      seenElements.get(element) === (tracking.entity ?? '') ||
      (tracking.entity !== undefined && seen.has(keyOf(tracking)));

    function arm(): void {
      stopDwell();
      const tracking = read();
      const { impression } = tracking;
      if (!isActive || !impression) return;
      const { ms = DWELL_MS, once = 'view' } = impression === true ? {} : impression;
      if (once && isSeen(tracking)) return;
      stopDwell = later(() => {
        // The page may have scrolled on while the main thread was busy: hear that first.
        viewability.catchUp();
        const now = read();
        if (!isActive || !now.impression || (once && isSeen(now))) return;
        // A recycled element shows something else by now, which has its own second to wait.
        if (now.entity !== tracking.entity) return arm();
        seenElements.set(element, now.entity ?? '');
        seen.add(keyOf(now));
        const visibleRatio = Math.round(sighting.ratio * 100) / 100;
        track('impression', { ...detailsOf(now), durationMs: ms, visibleRatio });
      }, ms);
    }
    function time(): void {
      stopOpening();
      const { duration } = read();
      if (!isActive || !duration) view?.hide();
      else if (view) view.show();
      else openAfter((duration === true ? undefined : duration.min) ?? MIN_DURATION_MS);
    }
    function openAfter(min: number): void {
      const since = performance.now();
      const open = () => {
        view = views.open(() => detailsOf(read()));
        view.show(performance.now() - since);
      };
      if (min > 0) stopOpening = later(open, min);
      else open();
    }
    function update(): void {
      const before = isActive;
      isActive = sighting.isInSight && document.visibilityState === 'visible';
      if (before === isActive) return;
      arm();
      time();
    }
    function close(reason: string): void {
      stopOpening();
      view?.end(reason);
      view = undefined;
    }

    const stopWatching = viewability.watch(
      element,
      (area) => {
        const { entity, impression } = read();
        const ratio = typeof impression === 'object' ? impression.ratio : undefined;
        return ratio ?? (area >= LARGE_AD_AREA && entity?.startsWith('ad:') ? LARGE_AD_RATIO : RATIO);
      },
      (next) => {
        sighting = next;
        update();
        if (!next.hasBox) {
          close(element.isConnected ? 'close' : 'unmount');
          if (element.isConnected && getComputedStyle(element).display === 'contents') {
            debug('display: contents has no box', element);
          }
        }
      },
    );
    const candidate: Candidate = {
      update,
      arm,
      stop() {
        candidates.delete(candidate);
        stopWatching();
        stopDwell();
        close('unmount');
      },
    };
    candidates.add(candidate);
    return candidate.stop;
  }

  return {
    observe,
    visibilityChanged() {
      for (const candidate of candidates) candidate.update();
    },
    renew() {
      seen.clear();
      seenElements = new WeakMap();
      for (const candidate of candidates) candidate.arm();
    },
    stop() {
      for (const candidate of candidates) candidate.stop();
      viewability.stop();
      for (const stop of stops) stop();
    },
  };
}

const keyOf = ({ entity, list, position, surface }: ElementTracking) =>
  [entity, list, position, surface].join('|');

const detailsOf = ({ entity, list, position, surface, props }: ElementTracking): Details => ({
  entity,
  list,
  position,
  surface,
  props,
});
