import { AnalyticsBrowser } from '@segment/analytics-next';

/** The page of a shop as it is after moving from Segment: key and `cdnURL` are all that changed. */
const { collector, strategy } = globalThis as unknown as { collector: string; strategy?: 'batching' };
const analytics = AnalyticsBrowser.load(
  { writeKey: 'wk_demo', cdnURL: collector },
  strategy
    ? {
        integrations: {
          'Segment.io': { deliveryStrategy: { strategy, config: { size: 10, timeout: 100 } } },
        },
      }
    : {},
);
Object.assign(globalThis, { analytics });
