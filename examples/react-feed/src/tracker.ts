import { createTracker } from '@turnout/sdk';

/** The one tracker of the app. Until a visitor decides in the banner, everything waits in memory and nothing travels. */
export const tracker = createTracker({ key: 'wk_demo', consent: 'pending' });
