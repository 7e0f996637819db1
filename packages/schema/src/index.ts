export { type Catalog, type Definition, defineCatalog, missingMetadata } from './catalog.ts';
export { explain } from './explain.ts';
export {
  batchSchema,
  contextSchema,
  type Envelope,
  interactionSchema,
  isPlainBatch,
  isPlainContext,
  isPlainInteraction,
} from './interactions.ts';
export { liveMusic } from './live-music.ts';
export type { EntityRow, IdentityLinkRow, InteractionRow, PersonRow, RejectedRow } from './table.ts';
export * from './wire.ts';
