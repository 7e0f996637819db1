import { createTrackingRoute } from '@turnout/react/next';

/** The browser talks to the app's own origin only. Left alone, this leads to the collector of `npm start`. */
const upstream = process.env.TURNOUT_UPSTREAM ?? 'http://127.0.0.1:8787';

export const { GET, POST } = createTrackingRoute({ upstream });
