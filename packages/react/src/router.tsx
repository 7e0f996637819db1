'use client';
/**
 * React Router: page views by its location.
 */
import { TrackPageviews as TrackAddress, type TrackPageviewsProps } from '@turnout/react';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';

/**
 * Records a `page_view` of each location of React Router. Mount it once, inside of the router, and create the
 * tracker with `pageViews: false`.
 *
 * @example
 * <BrowserRouter>
 *   <TrackPageviews />
 *   <Routes>…</Routes>
 * </BrowserRouter>
 */
export function TrackPageviews(props: Omit<TrackPageviewsProps, 'address'>): ReactNode {
  const { pathname, search, hash } = useLocation();
  return <TrackAddress {...props} address={pathname + search + hash} />;
}
