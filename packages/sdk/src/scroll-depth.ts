/**
 * Scroll depth: how far down somebody got, once, when they leave.
 *
 * What counts is the deepest point in pixels against the length that the page has at the end: a list that
 * grew meanwhile was not read to its end, and a page that fits into the window was not scrolled at all.
 */
import { all, listen, whenLeaving } from './listen.ts';
import type { Tracker } from './tracker.ts';

/** What {@link scrollDepth} is told. */
export interface ScrollDepthOptions {
  /** The list that is scrolled, such as `home-feed`. Pages as a whole are measured by the tracker itself. */
  list: string;
  /** Where on the site: `feed`, `search` … */
  surface?: string;
  /** What scrolls; the page itself when left out. A getter may tell it late. */
  element?: Element | null;
  /** Depths in percent, such as `[25, 50, 75, 100]`: those that were reached are recorded too. */
  marks?: readonly number[];
  /** Tells the active tab when the depth is recorded. */
  tab?: () => string | undefined;
}

/** Less is what a wheel does by accident. */
const MIN_PERCENT = 10;

/**
 * Records a `scroll` with `max_scroll_percent` when the page is left or goes out of sight, or when you
 * stop it; once, and only past 10 %.
 *
 * @returns A function that records and stops. Call it when what is scrolled is replaced.
 * @example
 * const stop = scrollDepth(tracker, { list: 'home-feed', marks: [25, 50, 75, 100] });
 */
export function scrollDepth(tracker: Pick<Tracker, 'track'>, options: ScrollDepthOptions): () => void {
  const { list, surface, marks, tab } = options;
  let deepest = 0;
  let range = 0;
  let isOver = false;
  let { element } = options;

  const measure = () => {
    if (element !== options.element) {
      // What is gone measures nothing more: the page behind it is not what was scrolled.
      if (!options.element) return;
      // Nor is the page that was there before it.
      element = options.element;
      deepest = range = 0;
    }
    const scroller = element ?? (document.scrollingElement as Element);
    const hidden = scroller.scrollHeight - scroller.clientHeight;
    // An element that left the document measures nothing: what it last measured stays.
    if (hidden > 0) range = hidden;
    deepest = Math.max(deepest, scroller.scrollTop);
  };
  const record = () => {
    const percent = Math.round(Math.min(deepest / range || 0, 1) * 100);
    if (isOver || percent <= MIN_PERCENT) return;
    end();
    tracker.track('scroll', {
      entity: `list:${list}`,
      list,
      surface,
      props: {
        max_scroll_percent: percent,
        active_tab: tab?.(),
        marks: marks?.filter((mark) => mark <= percent),
      },
    });
  };
  const stop = all([
    // A browser tells it once a frame, however fast somebody scrolls.
    listen('scroll', ({ target }) => {
      if (target === (options.element ?? document)) measure();
    }),
    whenLeaving(() => {
      measure();
      record();
    }),
  ]);
  const end = () => {
    isOver = true;
    stop();
  };
  return () => {
    // A router may have put the next page in place by now: its length is not the one that was scrolled.
    if (options.element) measure();
    record();
    end();
  };
}
