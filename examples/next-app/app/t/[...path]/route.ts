import { createTrackingRoute } from '@turnout/react/next';

/** The browser talks to the app's own origin only. This is the collector of `npm start`; put the address of yours here. */
export const { GET, POST } = createTrackingRoute({ upstream: 'http://127.0.0.1:8787' });
