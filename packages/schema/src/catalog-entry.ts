/**
 * The catalogue without zod: what browsers may load, in debug mode.
 */
export { type Catalog, missingMetadata } from './catalog.ts';
export { liveMusic } from './live-music.ts';
