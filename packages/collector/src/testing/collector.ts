import clock from '../../../schema/fixtures/clock.json' with { type: 'json' };
import good from '../../../schema/fixtures/good.json' with { type: 'json' };
import { createApp } from '../app.ts';
import type { CollectorDependencies } from '../dependencies.ts';
import type { LogEntry } from '../intake.ts';
import { demoSite } from '../sites.ts';

/** The app at the moment when the golden batches of the schema came, in front of a log that is a list. */
export function aCollector(overrides: Partial<CollectorDependencies> = {}) {
  const taken: LogEntry[] = [];
  const errors: object[] = [];
  const app = createApp({
    sites: () => [demoSite],
    intake: {
      async take(entries) {
        taken.push(...entries);
        return { duplicates: 0 };
      },
    },
    userKey: async () => '17',
    addressOf: () => '127.0.0.1',
    metrics: { accepted() {}, duplicates() {}, rejected() {}, warned() {}, dropped() {} },
    script: async (name) => {
      if (!['t.js', 't-debug.js', 't-0.1.0.js'].includes(name)) return undefined;
      return {
        isImmutable: name === 't-0.1.0.js',
        body: `/* ${name} */`,
        packed: {
          br: new TextEncoder().encode('packed with br'),
          gzip: new TextEncoder().encode('packed with gzip'),
        },
        etag: '"abc"',
      };
    },
    readiness: async () => ({ ready: false, checks: { migrations: 'not applied yet' } }),
    mayReadMetrics: () => true,
    renderMetrics: async () => 'turnout_accepted_total 0\n',
    log: { warn() {}, error: (details) => errors.push(details) },
    now: () => clock.received_at,
    ...overrides,
  });
  const post = (
    body: string | Uint8Array<ArrayBuffer>,
    address = `key=wk_demo&attempt=0&sent_at=${clock.sent_at}`,
    headers: Record<string, string> = {},
  ) => app.request(`/v1/interactions?${address}`, { method: 'POST', body, headers });
  return {
    app,
    post,
    taken,
    errors,
    rows: () => taken.filter(({ kind }) => kind !== 'r').map(({ json }) => JSON.parse(json)),
  };
}

/** Whatever an answer may hold. */
interface AnyAnswer {
  accepted: number;
  rejected: unknown[];
  error: { code: string; message: string };
  checks: Record<string, string>;
}
export const jsonOf = async (response: Response) => (await response.json()) as AnyAnswer;

/** One of the good ones, where a test does not care which. */
export const aBatch = Object.values(good)[0];
