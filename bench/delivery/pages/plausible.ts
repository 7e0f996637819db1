import { init, track } from '@plausible-analytics/tracker';
import { endpoint } from './endpoint.ts';

// Or else it ignores what an automated browser does.
Object.assign(globalThis, { __plausible: true });
init({
  domain: 'venue.example',
  endpoint: `${endpoint}/api/event`,
  autoCapturePageviews: false,
  captureOnLocalhost: true,
  logging: false,
});

Object.assign(globalThis, { track: (n: number) => track('numbered', { props: { bench_n: String(n) } }) });
