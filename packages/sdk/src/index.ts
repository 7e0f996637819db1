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
export { formSubmits } from './auto/forms.ts';
export { jsErrors } from './auto/js-errors.ts';
export { mediaPlays } from './auto/media.ts';
export { searchInputs } from './auto/search-inputs.ts';
export { type WebVitals, webVitals } from './auto/web-vitals.ts';
export type {
  DetailsOf,
  EntityOf,
  InteractionName,
  PropsOf,
  Register,
  TrackArguments,
} from './catalog.ts';
export { createTracker } from './create-tracker.ts';
export type { TicketLinkOptions } from './decorate-ticket-link.ts';
export { createElementGroup, type ElementGroup } from './element-group.ts';
export type { ElementTracking, ImpressionOptions } from './element-tracking.ts';
export {
  type Assignment,
  assignVariant,
  createExperiment,
  type Experiment,
  type ExperimentOptions,
} from './experiment.ts';
export { createFunnel, type Funnel, type FunnelOptions } from './funnel.ts';
export type { ConsentControl, Ids } from './identity.ts';
export { inside } from './inside.ts';
export type { Details, Entity, Props } from './interaction.ts';
export { createList } from './list.ts';
export { createNoop } from './noop.ts';
export type { Consent, DebugOptions, TrackerOptions } from './options.ts';
export type { TrackerEvents } from './outcomes.ts';
export type { BuiltInProps } from './props.ts';
export type { DropReason } from './queue.ts';
export { redact } from './redact.ts';
export { type ScrollDepthOptions, scrollDepth } from './scroll-depth.ts';
export { createSearch, type Search, type SearchOptions, type SearchResults } from './search.ts';
export { daysUntil, type TicketFacts, ticketProps } from './ticket-link.ts';
export type { Tracker } from './tracker.ts';
export type { EndReason, View } from './views.ts';
