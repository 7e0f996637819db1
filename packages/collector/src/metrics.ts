import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CollectorMetrics } from './dependencies.ts';

/** What the gauges read when they are scraped. */
export interface MetricSources {
  logBytes(): number;
  /** Bytes that the log may have; from there on batches are refused. */
  logLimitBytes(): number;
  /** Bytes that are kept free for draining; 0 when they were given up. */
  reserveBytes(): number;
  /** Seconds since the oldest row came that is not in the database yet; 0 when all are. */
  logAgeSeconds(): number;
  engineRestarts(): number;
  /** Undefined without an embedded engine. */
  enginePid(): number | undefined;
  damagedSegments(): number;
  /** Undefined while the database is away. */
  detachedParts(): Promise<number | undefined>;
  /** Of the slowest query that is under way; undefined while the database is away. */
  longestQuerySeconds(): Promise<number | undefined>;
}

export interface NodeMetrics extends CollectorMetrics {
  inserted(details: { rows: number; duplicates: number; refused: number; seconds: number }): void;
  insertFailed(): void;
  /** A value beyond the cap of its column. */
  capped(site: string, column: string): void;
  render(): Promise<string>;
}

/** The collector's metrics in a registry of their own, so that two collectors in one process stay apart. */
export function createMetrics(sources: MetricSources): NodeMetrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const accepted = new Counter({
    name: 'turnout_accepted_total',
    help: 'Interactions acknowledged, duplicates included.',
    labelNames: ['site'],
    registers,
  });
  const duplicates = new Counter({
    name: 'turnout_duplicates_total',
    help: 'Interactions left out because they are stored already.',
    registers,
  });
  const rejected = new Counter({
    name: 'turnout_rejected_total',
    help: 'Interactions rejected, by reason.',
    labelNames: ['code'],
    registers,
  });
  const warnings = new Counter({
    name: 'turnout_warnings_total',
    help: 'Interactions taken with something missing or odd, by reason.',
    labelNames: ['code'],
    registers,
  });
  const dropped = new Counter({
    name: 'turnout_browser_dropped_total',
    help: 'Interactions that browsers dropped before they could be sent, as they say themselves.',
    labelNames: ['site'],
    registers,
  });
  const limited = new Counter({
    name: 'turnout_limited_requests_total',
    help: 'Requests that were told to come again later, by the limit that they met.',
    labelNames: ['code'],
    registers,
  });
  const capped = new Counter({
    name: 'turnout_capped_values_total',
    help: 'Values that became "(other)" because the site has as many different ones as a column may hold.',
    labelNames: ['site', 'column'],
    registers,
  });
  const rows = new Counter({
    name: 'turnout_inserted_rows_total',
    help: 'Rows that the database has acknowledged.',
    registers,
  });
  const failures = new Counter({
    name: 'turnout_insert_failures_total',
    help: 'Attempts to store a segment that failed; each is repeated.',
    registers,
  });
  const seconds = new Histogram({
    name: 'turnout_insert_seconds',
    help: 'How long the database took for a block.',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers,
  });
  const questions = new Histogram({
    name: 'turnout_query_seconds',
    help: 'How long a question to /v1/query took the database, with the wait for its turn.',
    labelNames: ['view'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number | undefined | Promise<number | undefined>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await read();
        // What cannot be known now is left out of the answer rather than given as 0.
        if (value === undefined) this.reset();
        else this.set(value);
      },
    });
  gauge('turnout_log_bytes', 'Bytes of the log that are not in the database yet.', sources.logBytes);
  gauge(
    'turnout_log_age_seconds',
    'Age of the oldest row that is not in the database yet.',
    sources.logAgeSeconds,
  );
  gauge(
    'turnout_log_reserve_bytes',
    'Bytes of disk kept for draining the log; 0 while the disk is full.',
    sources.reserveBytes,
  );
  gauge('turnout_engine_pid', 'Process of the embedded engine.', sources.enginePid);
  new Counter({
    name: 'turnout_engine_restarts_total',
    help: 'How often the embedded engine was replaced since the collector started.',
    registers,
    collect() {
      this.reset();
      this.inc(sources.engineRestarts());
    },
  });
  gauge(
    'turnout_log_limit_bytes',
    'Bytes that the log may have; above it batches are refused.',
    sources.logLimitBytes,
  );
  gauge(
    'turnout_longest_query_seconds',
    'How long the slowest query that is under way has been running.',
    sources.longestQuerySeconds,
  );
  gauge('turnout_log_damaged_segments', 'Damaged segments that were set aside.', sources.damagedSegments);
  gauge(
    'turnout_detached_parts',
    'Parts that the database found broken and set aside.',
    sources.detachedParts,
  );

  return {
    accepted: (site, interactions) => accepted.inc({ site }, interactions),
    duplicates: (_site, interactions) => duplicates.inc(interactions),
    rejected: (code, interactions) => rejected.inc({ code }, interactions),
    warned: (code, times) => warnings.inc({ code }, times),
    dropped: (site, interactions) => dropped.inc({ site }, interactions),
    limited: (code) => limited.inc({ code }),
    inserted(details) {
      rows.inc(details.rows);
      duplicates.inc(details.duplicates);
      if (details.refused > 0) rejected.inc({ code: 'refused' }, details.refused);
      seconds.observe(details.seconds);
    },
    asked: (view, took) => questions.observe({ view }, took),
    capped: (site, column) => capped.inc({ site, column }),
    insertFailed: () => failures.inc(),
    render: () => registry.metrics(),
  };
}
