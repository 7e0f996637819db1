/**
 * Page views: of the document, of each new address inside it, and of a page that comes back.
 */
import type { Page } from '../page.ts';

interface NavigationLike extends EventTarget {
  currentEntry: unknown;
}

/** Calls `viewed` once per page view; returns what ends that. */
export function pageViews(page: Page, viewed: () => void): () => void {
  let current = page.address();
  let currentUrl = location.href;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    if (waiting === undefined) return;
    clearTimeout(waiting);
    waiting = undefined;
    viewed();
  }
  function moved(): void {
    const from = currentUrl;
    currentUrl = location.href;
    if (page.address() === current) return;
    current = page.address();
    // Routers often replace the address right after pushing it, and set the title a moment later: one
    // page view, with what is true at the end of the task.
    if (waiting === undefined) page.cameFrom(from);
    clearTimeout(waiting);
    waiting = setTimeout(settle);
  }
  function shown(event: PageTransitionEvent): void {
    // A page from the back/forward cache is seen once more, like one that was loaded again: a page view.
    if (event.persisted) viewed();
  }

  const stopListening = listen(moved);
  addEventListener('pageshow', shown);
  addEventListener('pagehide', settle, { capture: true });

  // A prerendered page was not seen yet, and may never be.
  const isPrerendering = 'prerendering' in document && document.prerendering === true;
  if (isPrerendering) document.addEventListener('prerenderingchange', viewed, { once: true });
  else viewed();

  return () => {
    stopListening();
    clearTimeout(waiting);
    removeEventListener('pageshow', shown);
    removeEventListener('pagehide', settle, { capture: true });
    document.removeEventListener('prerenderingchange', viewed);
  };
}

/** Hears about each change of the address without a new document. */
function listen(moved: () => void): () => void {
  const navigation = (window as { navigation?: NavigationLike }).navigation;
  if (navigation?.currentEntry) {
    navigation.addEventListener('currententrychange', moved);
    return () => navigation.removeEventListener('currententrychange', moved);
  }
  // Without the Navigation API nothing but the methods themselves tells about pushState.
  let isOn = true;
  const restores = (['pushState', 'replaceState'] as const).map((name) => {
    const original = history[name];
    const wrapped: typeof original = function (this: History, ...args) {
      // Its own exceptions are the page's to see.
      original.apply(this, args);
      if (isOn) moved();
    };
    history[name] = wrapped;
    return () => {
      // Somebody may have wrapped ours in the meantime: then it stays, and does nothing.
      if (history[name] === wrapped) history[name] = original;
    };
  });
  addEventListener('popstate', moved);
  addEventListener('hashchange', moved);
  return () => {
    isOn = false;
    for (const restore of restores) restore();
    removeEventListener('popstate', moved);
    removeEventListener('hashchange', moved);
  };
}
