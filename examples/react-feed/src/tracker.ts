import { createTracker } from '@turnout/sdk';

/** The one tracker of the app. It sends to the origin of the page: no `endpoint` to configure. */
export const tracker = createTracker({ key: 'wk_demo' });
