/**
 * Web vitals: how fast and stable the page was. Google's own measuring code, loaded when the page is idle
 * enough to load it, and in a chunk of its own.
 */
import type { Tracker } from '../tracker.ts';

/** One measurement of `web-vitals`. */
interface Metric {
  name: string;
  value: number;
  rating: string;
  id: string;
  navigationType: string;
}

/** What is used of `web-vitals`. */
export type WebVitals = Record<
  'onCLS' | 'onFCP' | 'onINP' | 'onLCP' | 'onTTFB',
  (report: (metric: Metric) => void) => void
>;

/**
 * Records LCP, INP, CLS, FCP and TTFB as `web_vital`: one each for a page, when its value is final.
 *
 * @param load - Where the measuring code comes from: a chunk that your bundler splits off, unless said
 * otherwise.
 * @returns A function that stops recording.
 * @example
 * const stop = webVitals(tracker);
 */
export function webVitals(
  tracker: Pick<Tracker, 'track'>,
  load: () => Promise<WebVitals> = () => import('web-vitals'),
): () => void {
  let isOn = typeof window !== 'undefined';
  const report = ({ name, value, rating, id, navigationType }: Metric) => {
    if (!isOn) return;
    tracker.track('web_vital', {
      // A shift of the layout has no unit; the others are milliseconds.
      durationMs: name === 'CLS' ? undefined : Math.round(value),
      props: {
        metric: name,
        value: Math.round(value * 1e4) / 1e4,
        rating,
        id,
        navigation_type: navigationType,
      },
    });
  };
  const start = async () => {
    const { onCLS, onFCP, onINP, onLCP, onTTFB } = await load();
    for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(report);
  };
  // A chunk that does not come costs its figures, and nothing else.
  if (isOn) start().catch(() => (isOn = false));
  return () => {
    isOn = false;
  };
}
