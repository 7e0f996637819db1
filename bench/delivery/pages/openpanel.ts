import { OpenPanel } from '@openpanel/web';
import { endpoint } from './endpoint.ts';

const panel = new OpenPanel({ apiUrl: endpoint, clientId: 'bench', trackScreenViews: false });

Object.assign(globalThis, { track: (n: number) => void panel.track('numbered', { bench_n: n }) });
