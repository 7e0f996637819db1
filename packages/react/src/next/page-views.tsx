/// <reference path="./navigation.d.ts" />
'use client';
/**
 * The client part of `@turnout/react/next`: server and route code must not become client code with it.
 */
import { TrackPageviews as TrackAddress, type TrackPageviewsProps } from '@turnout/react';
import { usePathname, useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense } from 'react';

function TrackLocation(props: Omit<TrackPageviewsProps, 'address'>): ReactNode {
  const pathname = usePathname();
  const parameters = useSearchParams();
  return <TrackAddress {...props} address={`${pathname}?${parameters}`} />;
}

/**
 * Records a `page_view` of each address of the App Router. Mount it once, in the root layout inside of your
 * `<TrackingProvider>`, and create the tracker with `pageViews: false`.
 *
 * It waits for the parameters of the address in a boundary of its own: pages stay static.
 */
export function TrackPageviews(props: Omit<TrackPageviewsProps, 'address'>): ReactNode {
  return (
    <Suspense fallback={null}>
      <TrackLocation {...props} />
    </Suspense>
  );
}
