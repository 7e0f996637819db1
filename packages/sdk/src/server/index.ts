/**
 * `@turnout/sdk/server`: purchases and webhooks from a server.
 */
export type { Delivery } from './line.ts';
export {
  createServerTracker,
  type ServerDetails,
  type ServerProblem,
  type ServerTracker,
  type ServerTrackerOptions,
} from './server-tracker.ts';
