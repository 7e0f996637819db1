/**
 * Next.js, App Router: page views, and a route to the collector on the app's own origin.
 */
export { TrackPageviews } from '@turnout/react/next/page-views';
export { createTrackingRoute, type TrackingHandler, type TrackingRouteOptions } from './tracking-route.ts';
