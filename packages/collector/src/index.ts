/**
 * The collector as a plain Hono app: takes batches, acknowledges what is stored.
 *
 * `@turnout/collector/node` adds the durable log, the writer and the embedded engine.
 */
export { createApp as createCollector } from './app.ts';
export type { CollectorDependencies, CollectorMetrics, Readiness } from './dependencies.ts';
export type { Intake, LogEntry } from './intake.ts';
export { DiskFull, LogFailed, LogFull } from './log/log.ts';
export { demoSite, type Site, type WriteKey } from './sites.ts';
export { parseSites } from './sites-file.ts';
