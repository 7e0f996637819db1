/**
 * `@turnout/sdk/test`: a tracker for tests.
 */
export { createMemoryTracker, type MemoryTracker, type MemoryTrackerOptions } from './memory-tracker.ts';
