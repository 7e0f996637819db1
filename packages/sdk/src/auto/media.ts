/**
 * Audio and video: how much of it was played, in quarters, for `<video>` and `<audio>` elements now and
 * later.
 */
import { listen } from '../listen.ts';
import type { Tracker } from '../tracker.ts';
import { uuidv7 } from '../uuid.ts';
import { placeOf } from './place-of.ts';

/** The last frame is rarely played to its end. */
const TOLERANCE_PERCENT = 1;

interface Playing {
  source: string;
  viewId: string;
  /** How many are recorded, the start included. */
  count: number;
  /** How much was played when the latest was. */
  seconds: number;
}

/**
 * Records a `media_play` when audio or video starts, and when 25, 50, 75 and 100 % of it were played: once
 * each, in `props.quartile`. What was skipped was not played. `durationMs` is what was played since the
 * one before, and `viewId` ties them together. What it is about is the nearest `data-track-entity`.
 *
 * @returns A function that stops.
 * @example
 * const stop = mediaPlays(tracker);
 */
export function mediaPlays(tracker: Pick<Tracker, 'track'>): () => void {
  const known = new WeakMap<HTMLMediaElement, Playing>();
  return listen('playing timeupdate ended', ({ target, type }) => {
    if (!(target instanceof HTMLMediaElement)) return;
    const { currentSrc, duration, muted, played } = target;
    let playing = known.get(target);
    if (playing?.source !== currentSrc) {
      // A seek moves the time of a video that nobody started.
      if (type !== 'playing') return;
      playing = { source: currentSrc, viewId: uuidv7(), count: 0, seconds: 0 };
      known.set(target, playing);
    }
    let seconds = 0;
    for (let n = 0; n < played.length; n++) seconds += played.end(n) - played.start(n);
    // A live stream has no end, and no quarters.
    const percent = (seconds / duration) * 100 + TOLERANCE_PERCENT || 0;
    while (playing.count < 5 && percent >= playing.count * 25) {
      tracker.track('media_play', {
        ...placeOf(target),
        viewId: playing.viewId,
        part: playing.count,
        durationMs: Math.round((seconds - playing.seconds) * 1000),
        props: {
          media: target.localName,
          quartile: playing.count++ * 25,
          is_muted: muted,
          length_seconds: Number.isFinite(duration) ? Math.round(duration) : undefined,
        },
      });
      playing.seconds = seconds;
    }
  });
}
