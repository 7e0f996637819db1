'use client';
import { TrackingProvider } from '@turnout/react';
import { createTracker, observeAttributes } from '@turnout/sdk';
import { type ReactNode, useEffect } from 'react';

/** The one tracker of the app; on the server it does nothing. It is made here, as no server component can pass it on. */
const tracker = createTracker({ key: 'wk_demo', endpoint: '/t', pageViews: false, consent: 'pending' });

export function Tracking({ children }: { children: ReactNode }) {
  // What server components render says with attributes what it is.
  useEffect(() => observeAttributes(tracker), []);
  return <TrackingProvider tracker={tracker}>{children}</TrackingProvider>;
}
