/**
 * Page views: of the document, of each new address inside it, and of a page that comes back.
 */
import { later } from '../later.ts';
import { all, listen } from '../listen.ts';
import type { Page } from '../page.ts';
import { quietly } from '../quietly.ts';

interface NavigationLike extends EventTarget {
  currentEntry: unknown;
}

/** How the address changed, where it is known: `replace` in the Navigation API, or the name of the method. */
interface Navigated extends Partial<Event> {
  navigationType?: string;
}

/** Tells when the address changed inside the document; returns what ends that. */
export type WatchAddress = (moved: () => void) => (() => void) | undefined;

/** See {@link pageViews}. */
export interface PageViews {
  /** The page that is open was not recorded, and may be now. One that is about to be is recorded once. */
  again(): void;
  stop(): void;
}

/**
 * Calls `viewed` once per page view, until it is stopped. With `isLater`, the first time is a task later:
 * who is stopped until then, as React does to all effects in StrictMode, has seen nothing.
 */
export function pageViews(
  page: Page,
  viewed: () => void,
  watch: WatchAddress = watchAddress,
  isLater = false,
): PageViews {
  let current = location.href;
  let waiting: (() => void) | undefined;

  function settle(): void {
    if (!waiting) return;
    waiting();
    waiting = undefined;
    viewed();
  }
  function moved(how?: Navigated): void {
    const from = current;
    current = location.href;
    // `#reviews` scrolls within a page; `#/reviews` and `#!reviews` are addresses of hash routers. Another query in
    // the place of the one before is the same page too: what is typed into a filter, a token that was read and
    // taken away. Another path there is a redirect.
    const same = how?.navigationType?.[0] === 'r' ? /#(?![/!]).*|\?[^#]*/g : /#(?![/!]).*/g;
    if (from.replace(same, '') === current.replace(same, '')) return;
    // Opened later, it is one page view, with what is true then.
    if (isPrerendering()) return;
    // Routers often replace the address right after pushing it, and set the title a moment later: one
    // page view, with what is true at the end of the task.
    if (!waiting) page.cameFrom(from);
    waiting?.();
    waiting = later(settle);
  }
  function shown(event: PageTransitionEvent): void {
    // A page from the back/forward cache is seen once more, like one that was loaded again: a page view.
    if (event.persisted) viewed();
  }

  const stops = [
    watch(moved) ?? (() => {}),
    listen('pageshow', shown),
    // Before the tracker sends for the last time.
    listen('pagehide', settle),
  ];

  if (isLater) waiting = later(settle);
  else viewed();

  return {
    again() {
      if (!waiting && !isPrerendering()) viewed();
    },
    stop: all([...stops, () => waiting?.()]),
  };
}

/** A prerendered page was not seen yet, and may never be: the tracker waits with all that it is told. */
export const isPrerendering = () => (document as { prerendering?: boolean }).prerendering;

/** Hears about each change of the address without a new document. */
function watchAddress(moved: (how?: Navigated) => void): () => void {
  const navigation = (window as { navigation?: NavigationLike }).navigation;
  if (navigation?.currentEntry) return listen('currententrychange', moved, navigation);
  // Without the Navigation API nothing but the methods themselves tells about pushState.
  let isOn = true;
  const restores = (['pushState', 'replaceState'] as const).map((name) => {
    const original = history[name];
    const wrapped: typeof original = function (this: History, ...args) {
      // Its own exceptions are the page's to see.
      original.apply(this, args);
      if (isOn) quietly(() => moved({ navigationType: name }));
    };
    quietly(() => {
      history[name] = wrapped;
    });
    return () => {
      // Somebody may have wrapped ours in the meantime: then it stays, and does nothing.
      if (history[name] === wrapped) history[name] = original;
    };
  });
  return all([...restores, listen('popstate hashchange', moved), () => (isOn = false)]);
}
