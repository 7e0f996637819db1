import { newTracker, trackSelfDescribingEvent } from '@snowplow/browser-tracker';
import { endpoint } from './endpoint.ts';

newTracker('bench', endpoint, { appId: 'bench' });

Object.assign(globalThis, {
  track: (n: number) =>
    trackSelfDescribingEvent({
      event: { schema: 'iglu:com.example/numbered/jsonschema/1-0-0', data: { bench_n: n } },
    }),
});
