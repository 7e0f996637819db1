/**
 * Visible time: how long a page, a dialog or a card was really before somebody's eyes.
 *
 * A view is `part` 0 when it opens and an increment of time in each later part, under one `view_id`: a
 * part that is lost costs its own seconds only, and summing parts never counts a second twice.
 */
import type { Details, Props } from './interaction.ts';
import { uuidv7 } from './uuid.ts';

/** One increment is never longer: a laptop that slept did not look. */
const MAX_PART_MS = 30 * 60_000;

/** Why a part of a view was recorded; in `props.end_reason`. */
export type EndReason = 'close' | 'unmount' | 'hidden' | 'pagehide' | (string & {});

/** An open view. */
export interface View {
  /** Ties the parts together; pass it as `viewId` with what happens inside. */
  readonly viewId: string;
  /** Records the rest of the visible time, once. `props` are facts known only now, such as `interacted`. */
  end(reason?: EndReason, props?: Props): void;
}

/** A view whose clock somebody else starts and stops. */
export interface Stopwatch extends View {
  /** It can be seen, as far as the page is visible; and was already for some ms. */
  show(alreadyMs?: number): void;
  /** It cannot be seen, but is still open. */
  hide(): void;
}

/** All open views of a tracker. */
export interface Views {
  /** Records part 0. The clock runs after {@link Stopwatch.show}. `read` gives what is true at each part. */
  open(read: () => Details): Stopwatch;
  /** The page went out of sight: clocks stop, and what they show is recorded. */
  flush(reason: EndReason): void;
  /** The page is visible again. */
  resume(): void;
}

/** Makes the {@link Views} of a tracker. */
export function createViews(track: (type: 'view', details: Details) => void): Views {
  const open = new Set<{ tick(): void; flush(reason: EndReason): void }>();
  const isVisible = () => document.visibilityState === 'visible';
  let isAway = false;

  return {
    open(read) {
      const viewId = uuidv7();
      let part = 0;
      let isShown = false;
      let runningSince: number | undefined;
      let elapsedMs = 0;

      const record = (reason?: EndReason, props?: Props) => {
        const details = read();
        const end = reason && { end_reason: reason };
        track('view', {
          ...details,
          viewId,
          part: part++,
          durationMs: Math.round(elapsedMs),
          props: { ...details.props, ...props, ...end },
        });
        elapsedMs = 0;
      };
      /** Adds what passed, and runs on if it can be seen. */
      const tick = () => {
        const now = performance.now();
        if (runningSince !== undefined) elapsedMs = Math.min(elapsedMs + now - runningSince, MAX_PART_MS);
        runningSince = isShown && !isAway && isVisible() ? now : undefined;
      };
      const flush = (reason: EndReason) => {
        tick();
        if (Math.round(elapsedMs) > 0) record(reason);
      };
      const entry = { tick, flush };
      open.add(entry);
      record();

      return {
        viewId,
        show(alreadyMs = 0) {
          isShown = true;
          elapsedMs += alreadyMs;
          tick();
        },
        hide() {
          isShown = false;
          tick();
        },
        end(reason = 'close', props) {
          if (!open.delete(entry)) return;
          isShown = false;
          tick();
          record(reason, props);
        },
      };
    },
    flush(reason) {
      isAway = true;
      for (const view of open) view.flush(reason);
    },
    resume() {
      isAway = false;
      for (const view of open) view.tick();
    },
  };
}
