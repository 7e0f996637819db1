import type { InteractionRow, RejectedRow } from '@turnout/schema';
import { createApp } from '../app.ts';
import type { CollectorDependencies } from '../dependencies.ts';
import type { LogEntry } from '../intake.ts';
import { demoSite, type Site } from '../sites.ts';

export const NOW = Date.parse('2026-05-01T20:00:00.000Z');

/** A site whose back end may report, too. */
export const venue: Site = {
  ...demoSite,
  id: 'venue',
  writeKeys: [{ key: 'wk_venue' }],
  secretKeys: ['sk_0123456789abcdef01234567'],
};

/** The app in front of a log that is a list. Pseudonyms can be read: `v:…` or `u:…`. */
export function anApp(overrides: Partial<CollectorDependencies> = {}) {
  const taken = new Map<string, LogEntry>();
  const errors: object[] = [];
  const logged: object[] = [];
  const warnings: Record<string, number> = {};
  const counts = { accepted: 0, rejected: 0 };
  const dependencies: CollectorDependencies = {
    sites: () => [demoSite, venue],
    intake: {
      async take(entries) {
        const fresh = entries.filter(({ key }) => !taken.has(key));
        for (const entry of fresh) taken.set(entry.key, entry);
        return { duplicates: entries.length - fresh.length };
      },
    },
    userKey: async (_site, { user_id, visitor_id }) =>
      user_id === undefined ? `v:${visitor_id}` : `u:${user_id}`,
    addressOf: () => '127.0.0.1',
    metrics: {
      accepted(_site, interactions) {
        counts.accepted += interactions;
      },
      duplicates() {},
      rejected(_code, interactions) {
        counts.rejected += interactions;
      },
      warned(code, times) {
        warnings[code] = (warnings[code] ?? 0) + times;
      },
      dropped() {},
    },
    script: async () => undefined,
    readiness: async () => ({ ready: true, checks: {} }),
    renderMetrics: async () => '',
    log: { warn: (details) => logged.push(details), error: (details) => errors.push(details) },
    now: () => NOW,
    ...overrides,
  };
  const app = createApp(dependencies);
  const of = (isRejected: boolean) =>
    [...taken.values()]
      .filter((entry) => (isRejected ? entry.kind === 'r' : entry.kind !== 'r' && entry.kind !== 'k'))
      .map(({ json }) => JSON.parse(json));
  return {
    app,
    dependencies,
    errors,
    logged,
    warnings,
    counts,
    entries: () => [...taken.values()],
    rows: () => of(false) as InteractionRow[],
    rejected: () => of(true) as RejectedRow[],
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      app.request(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers,
      }),
  };
}

/** How many cases the property tests of the doors try, all together. */
export const FUZZ_CASES = Number(process.env.TURNOUT_FUZZ_CASES ?? 5_000);
