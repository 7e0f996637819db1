import { createTracker } from '@turnout/sdk';
import { endpoint } from './endpoint.ts';

const tracker = createTracker({ key: 'wk_bench', endpoint, pageViews: false });

Object.assign(globalThis, {
  track: (n: number) =>
    tracker.track(n % 2 ? 'ticket_click' : 'numbered', { entity: 'event:bench', props: { bench_n: n } }),
});
