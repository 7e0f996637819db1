import mixpanel from 'mixpanel-browser';
import { endpoint } from './endpoint.ts';

mixpanel.init('bench', { api_host: endpoint, persistence: 'localStorage', autocapture: false });

Object.assign(globalThis, { track: (n: number) => mixpanel.track('numbered', { bench_n: n }) });
