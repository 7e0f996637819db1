/**
 * The npm entry of the browser tracker.
 */
export type {
  EntityType,
  Interaction,
  InteractionType,
  Json,
  RejectionCode,
} from '@turnout/schema/wire';
export { observeAttributes } from './auto/attributes.ts';
export { createTracker } from './create-tracker.ts';
export type { ElementTracking } from './element-tracking.ts';
export type { ConsentControl, Ids } from './identity.ts';
export type { Details, Entity, Props } from './interaction.ts';
export type { Consent, TrackerOptions } from './options.ts';
export type { DropReason } from './queue.ts';
export type { TrackerEvents } from './sender.ts';
export type { Tracker } from './tracker.ts';
export type { EndReason, View } from './views.ts';
