/**
 * Attended time: how long a page, a dialog or a card was really before somebody's eyes.
 *
 * A view is `part` 0 when it opens and an increment of time in each later part, under one `view_id`: a
 * part that is lost costs its own seconds only, and summing parts never counts a second twice. The clock
 * runs while the page is visible, its window is in front and somebody does something now and then.
 */
import type { Details, Props } from './interaction.ts';
import { later } from './later.ts';
import { listen } from './listen.ts';
import { quietly } from './quietly.ts';
import { uuidv7 } from './uuid.ts';

/** Who does nothing for this long is taken for gone; reading and watching take a minute. */
const IDLE_AFTER_MS = 60_000;
/** Pages and dialogs record their time so often: a tab that is killed costs no more. */
const CHECKPOINT_EVERY_MS = 15_000;
/** Where somebody scrolls is measured when they pause: reading layout in the midst of it would be felt. */
const SCROLL_PAUSE_MS = 200;

/** Whoever scrolled less has hardly begun. */
const MIN_SCROLL_PERCENT = 10;

/** Why a part of a view was recorded; in `props.end_reason`. */
export type EndReason = 'close' | 'unmount' | 'hidden' | 'pagehide' | (string & {});

/** An open view. */
export interface View {
  /** Ties the parts together; pass it as `viewId` with what happens inside. */
  readonly viewId: string;
  /** Records the rest of the visible time, once. `props` are facts known only now, such as `viewed_setlist`. */
  end(reason?: EndReason, props?: Props): void;
}

/** A view whose clock somebody else starts and stops. */
export interface Stopwatch extends View {
  /** It can be seen, as far as the page is visible; and was already since a time of `performance.now`. */
  show(since?: number): void;
  /** It cannot be seen, but is still open. */
  hide(): void;
}

/** What is peculiar to a view. */
interface ViewOptions {
  /** The page or dialog it is of: its time is recorded every 15 s, with what was done and scrolled inside. */
  scope?: Node | undefined;
  /** The id of a view whose opening is recorded already, as that of a page is by its `page_view`. */
  viewId?: string | undefined;
  /** JSON of the page it is the view of. */
  context?: string | undefined;
}

/** All open views of a tracker. */
export interface Views {
  /** Records part 0. The clock runs after {@link Stopwatch.show}. `read` gives what is true at each part. */
  open(read: () => Details, options?: ViewOptions): Stopwatch;
  /** The page went out of sight: clocks stop, and what they show is recorded. */
  flush(reason: EndReason): void;
  /** The page is visible again. */
  resume(): void;
  /** Somebody else looks on, or only now agreed to be measured: ids, clocks and depths begin anew. */
  renew(): void;
  stop(): void;
}

interface OpenView {
  tick(): void;
  renew(): void;
  flush(reason?: EndReason): void;
  /** Somebody did something in the page, at `target`; scrolled to `percent` there. */
  used(target: Node, percent?: number): void;
}

/** Makes the {@link Views} of a tracker. `track` answers with JSON of the page that was open. */
export function createViews(
  track: (type: 'view' | 'scroll', details: Details, context?: string) => string | undefined,
): Views {
  const open = new Set<OpenView>();
  const tickAll = () => {
    for (const view of open) view.tick();
  };
  let activeAt = performance.now();
  let isAway = false;
  // Not `hasFocus` from the start: a frame that nobody clicked in has none, and is looked at all the same.
  let isBehind = false;
  let stopMeasuring = () => {};
  let stopCheckpoint = () => {};

  function act(event: Event): void {
    const now = performance.now();
    // What was missed until here is settled with the old time of activity.
    if (now - activeAt > IDLE_AFTER_MS) tickAll();
    activeAt = now;
    const target = event.target as Node;
    if (event.type === 'scroll') {
      stopMeasuring();
      stopMeasuring = later(() => {
        // In quirks mode it is the body that scrolls.
        const box = (target === document ? document.scrollingElement : target) as Element;
        // The share of what was out of sight at first: who sees a page at once has not scrolled it.
        const percent = Math.round((box.scrollTop / (box.scrollHeight - box.clientHeight)) * 100) || 0;
        for (const view of open) view.used(target, percent);
      }, SCROLL_PAUSE_MS);
    } else if (event.type !== 'pointermove') {
      for (const view of open) view.used(target);
    }
  }
  function refocus(): void {
    isBehind = !document.hasFocus();
    tickAll();
  }
  const stopActing = listen('pointerdown pointermove keydown scroll', act);
  // Not captured: elements blur and focus, too.
  const stopRefocusing = listen('blur focus', refocus, window, {});
  (function checkpoint(): void {
    // First: what a view says of itself may throw.
    stopCheckpoint = later(checkpoint, CHECKPOINT_EVERY_MS);
    for (const view of open) view.flush();
  })();

  return {
    open(read, { scope, viewId = '', context } = {}) {
      // That a page was opened is not told again, whoever looks on.
      const first = viewId ? 1 : 0;
      let part = first;
      let isShown = false;
      let runningSince: number | undefined;
      let elapsedMs = 0;
      let isUsed = false;
      let depth = 0;
      // How far it was scrolled is a page's to tell.
      let isScrollTold = !first;
      viewId ||= uuidv7();

      const record = (reason?: EndReason, props?: Props) => {
        const details = read();
        const written = {
          ...details,
          viewId,
          part,
          durationMs: Math.round(elapsedMs),
          props: {
            ...details.props,
            ...(scope && part && { interacted: isUsed, scrolled_to_bottom: depth > 98 }),
            ...props,
            ...(reason && { end_reason: reason }),
          },
        };
        // A router may have put another address in place when it ends: it is of the page where it was opened.
        context = track('view', written, context);
        part++;
        elapsedMs = 0;
      };
      const tellScroll = () => {
        if (isScrollTold || depth <= MIN_SCROLL_PERCENT) return;
        isScrollTold = true;
        track('scroll', { ...read(), viewId, props: { max_scroll_percent: depth } }, context);
      };
      const view: OpenView = {
        /** Adds what passed, and runs on if it can be seen. */
        tick() {
          const now = performance.now();
          const until = Math.min(now, activeAt + IDLE_AFTER_MS);
          if (runningSince !== undefined) elapsedMs += Math.max(0, until - runningSince);
          const isSeen = isShown && !isAway && !isBehind && document.visibilityState === 'visible';
          runningSince = isSeen ? now : undefined;
        },
        renew() {
          view.tick();
          viewId = uuidv7();
          part = first;
          elapsedMs = depth = 0;
          isUsed = false;
          isScrollTold = !first;
        },
        flush(reason) {
          if (!reason && !scope) return;
          if (reason) tellScroll();
          view.tick();
          if (elapsedMs >= 1) record(reason);
        },
        used(target, percent) {
          if (!scope?.contains(target)) return;
          if (percent === undefined) isUsed = true;
          // The page scrolls as a whole; what scrolls inside it is no depth of the page.
          else if (scope !== document || target === document) depth = Math.max(depth, percent);
        },
      };
      open.add(view);
      if (!part) record();

      return {
        get viewId() {
          return viewId;
        },
        show(since = performance.now()) {
          isShown = true;
          runningSince ??= since;
          view.tick();
        },
        hide() {
          isShown = false;
          view.tick();
        },
        end(reason = 'close', props) {
          if (!open.delete(view)) return;
          tellScroll();
          isShown = false;
          view.tick();
          record(reason, props);
        },
      };
    },
    flush(reason) {
      isAway = true;
      // What one says of itself may throw: the others, and the sender after them, are heard all the same.
      for (const view of open) quietly(() => view.flush(reason));
    },
    resume() {
      isAway = false;
      activeAt = performance.now();
      tickAll();
    },
    renew() {
      isAway = false;
      for (const view of open) view.renew();
    },
    stop() {
      stopCheckpoint();
      stopMeasuring();
      stopActing();
      stopRefocusing();
    },
  };
}
