/**
 * Tracked elements: what React components and data attributes both end in.
 *
 * An element is impressed when it was in sight for a second without a break, in a visible page; it is
 * clicked when it is the nearest tracked one around the click; its time is the time in sight.
 */
import { createClicks } from './clicks.ts';
import type { Log } from './debug.ts';
import type { DecorateTicketLink } from './decorate-ticket-link.ts';
import { detailsOf, type ElementTracking, keyOf, optionsOf } from './element-tracking.ts';
import { KEPT } from './forget-kept.ts';
import type { Details } from './interaction.ts';
import { later } from './later.ts';
import { quietly } from './quietly.ts';
import { watchSight } from './sight.ts';
import type { Stopwatch, Views } from './views.ts';

/** See {@link createElements}. */
export interface Elements {
  /** Starts measuring. `read` is asked whenever something is recorded. */
  observe(element: Element, read: () => ElementTracking): () => void;
  /** The page went out of sight, or came back: dwell starts over. */
  visibilityChanged(): void;
  /** A new page view: everything may be impressed once more. With `isAnew`, what was recorded before is gone. */
  renew(isAnew?: boolean): void;
  stop(): void;
}

interface Candidate {
  update(): void;
  arm(isAnew?: boolean): void;
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
  track: (type: string, details: Details) => unknown,
  views: Views,
  { debug, guard }: Pick<Log, 'debug' | 'guard'>,
  {
    ownHosts,
    decorate,
    mayStore,
  }: { ownHosts: readonly string[]; decorate: DecorateTicketLink; mayStore: () => boolean },
): Elements {
  const sight = watchSight();
  const clicks = createClicks(track, ownHosts, decorate);
  const candidates = new Set<Candidate>();
  /** What was recorded in this page view, by what it is and where it stands, and by element. */
  const seen = new Set<string>();
  let seenElements = new WeakMap<Element, string>();
  let viewedAt = performance.now();

  function observe(element: Element, ask: () => ElementTracking): () => void {
    // The page's own code, called from observers and timers: what it throws must not surface there.
    const read = () => guard(ask)() ?? {};
    const stopClicks = clicks.add(element, read);
    // Without IntersectionObserver, clicks are still worth having.
    const stopWatching = read().impression || read().duration ? guard(watch)(element, read) : undefined;
    return () => {
      stopClicks();
      stopWatching?.();
    };
  }

  function watch(element: Element, read: () => ElementTracking): () => void {
    const watchedAt = performance.now();
    let ratio = 0;
    let isInSight = false;
    let isActive = false;
    let stopDwell = () => {};
    let stopOpening = () => {};
    let view: Stopwatch | undefined;
    let served = '';
    let servedAt = 0;

    const isSeen = (tracking: ElementTracking, once: unknown) =>
      once &&
      (seenElements.get(element) === (tracking.entity ?? '') ||
        (tracking.entity &&
          (seen.has(keyOf(tracking)) || (once === 'session' && isSeenInSession(tracking)))));

    function arm(): void {
      stopDwell();
      const tracking = read();
      const { impression } = tracking;
      if (!isActive || !impression) return;
      const { ms = DWELL_MS, once = 'view', onImpression } = optionsOf(impression);
      // Whether it was seen is asked then: that looks its place up, and most are scrolled past.
      stopDwell = later(() => {
        // The page may have scrolled on while the main thread was busy: hear that first.
        sight.catchUp();
        const now = read();
        if (!isActive || !now.impression || isSeen(now, once)) return;
        // A recycled element shows something else by now, which has its own second to wait.
        if (now.entity !== tracking.entity) return arm();
        seenElements.set(element, now.entity ?? '');
        seen.add(keyOf(now));
        if (once === 'session' && mayStore()) quietly(() => sessionStorage.setItem(sessionKeyOf(now), '1'));
        const details = detailsOf(now);
        track('impression', {
          ...details,
          durationMs: ms,
          visibleRatio: Math.round(ratio * 100) / 100,
          props: {
            ...details.props,
            time_to_view_ms: Math.round(performance.now() - Math.max(viewedAt, watchedAt)),
          },
        });
        onImpression?.();
      }, ms);
    }
    function serve(isAnew?: boolean): void {
      const now = read();
      if (!now.impression || !now.entity?.startsWith('ad:')) return;
      // Of ads alone: where something stands is looked up among all of its list.
      const key = `served|${keyOf(now)}`;
      if (seen.has(key)) return;
      seen.add(key);
      const at = performance.now();
      // Routers put the next page in place a moment before its page view is recorded: that is no second time.
      const isAhead = key === served && at - servedAt < DWELL_MS && !isAnew;
      if (isAhead || !track('served', detailsOf(now))) return;
      served = key;
      servedAt = at;
    }
    function time(): void {
      stopOpening();
      const { duration } = read();
      if (!isActive || !duration) view?.hide();
      else if (view) view.show();
      else openAfter(optionsOf(duration).min ?? MIN_DURATION_MS);
    }
    function openAfter(min: number): void {
      const since = performance.now();
      const scope = element.matches('dialog,[role=dialog],[popover]') ? element : undefined;
      const open = () => {
        // Its last words may come when the element shows something else already.
        let said = detailsOf(read());
        const say = () => {
          const now = detailsOf(read());
          if (now.entity === said.entity) said = now;
          return said;
        };
        view = views.open(say, { scope });
        view.show(since);
      };
      if (min > 0) stopOpening = later(open, min);
      else open();
    }
    function update(): void {
      const before = isActive;
      isActive = isInSight && document.visibilityState === 'visible';
      if (before === isActive) return;
      arm();
      time();
    }
    function close(reason: string): void {
      stopOpening();
      view?.end(reason);
      view = undefined;
    }

    const stopWatching = sight.watch(element, (entry) => {
      const { width, height } = entry.boundingClientRect;
      const area = width * height;
      ratio = entry.intersectionRatio;
      isInSight = area > 0 && entry.isIntersecting && ratio >= neededRatio(read(), area, entry);
      update();
      if (area > 0) return;
      close(element.isConnected ? 'close' : 'unmount');
      if (element.isConnected && getComputedStyle(element).display === 'contents') {
        debug('boxless', element);
      }
    });
    const candidate: Candidate = {
      update,
      arm(isAnew) {
        serve(isAnew);
        arm();
      },
      stop() {
        candidates.delete(candidate);
        stopWatching();
        stopDwell();
        close('unmount');
      },
    };
    candidates.add(candidate);
    serve();
    return candidate.stop;
  }

  return {
    observe,
    visibilityChanged() {
      for (const candidate of candidates) candidate.update();
    },
    renew(isAnew) {
      seen.clear();
      seenElements = new WeakMap();
      viewedAt = performance.now();
      for (const candidate of candidates) candidate.arm(isAnew);
    },
    stop() {
      for (const candidate of candidates) candidate.stop();
      sight.stop();
      clicks.stop();
    },
  };
}

/** The share of an element that makes it viewable; what is larger than the screen has to fill that share of it. */
function neededRatio(
  { entity, impression }: ElementTracking,
  area: number,
  { boundingClientRect: { width, height }, rootBounds }: IntersectionObserverEntry,
): number {
  const ratio =
    optionsOf(impression).ratio ??
    (area >= LARGE_AD_AREA && entity?.startsWith('ad:') ? LARGE_AD_RATIO : RATIO);
  // The root is the outermost viewport; a frame shows no more than its own, and one of another origin is not
  // told of any other. Only there the window is asked, which may cost a layout.
  const frame = window === top ? undefined : { width: innerWidth, height: innerHeight };
  const least = (side: 'width' | 'height', own: number) =>
    Math.min(own, rootBounds?.[side] ?? own, frame?.[side] ?? own);
  const fitting = (least('width', width) * least('height', height)) / area;
  // The browser compares in fractions of device pixels, and may report a crossing a hair too low.
  return Math.max(0.001, ratio * fitting - 0.001);
}

const sessionKeyOf = (tracking: ElementTracking) => `${KEPT}seen:${keyOf(tracking)}`;
const isSeenInSession = (tracking: ElementTracking) =>
  quietly(() => sessionStorage.getItem(sessionKeyOf(tracking))) != null;
