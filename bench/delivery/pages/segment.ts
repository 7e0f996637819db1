import { AnalyticsBrowser } from '@segment/analytics-next';
import { endpoint } from './endpoint.ts';

const { host } = new URL(endpoint);
const analytics = AnalyticsBrowser.load({
  writeKey: 'bench',
  cdnURL: endpoint,
  // The settings that it would fetch from its vendor.
  cdnSettings: {
    integrations: { 'Segment.io': { apiKey: 'bench', apiHost: `${host}/v1`, protocol: 'http' } },
  },
});

Object.assign(globalThis, { track: (n: number) => void analytics.track('numbered', { bench_n: n }) });
