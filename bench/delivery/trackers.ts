/**
 * The trackers of the comparison, as their servers see them.
 *
 * Each is set up as its documentation says, with everything off that is not about delivering what the page
 * tracks. See docs/benchmarks.md for how doubles are judged.
 */

// biome-ignore lint/suspicious/noExplicitAny: what others send has no types here.
type Json = any;

export interface Tracker {
  name: string;
  /** Its npm package, for the version in the table's head. */
  packageName: string;
  /** The page that uses it, in `pages/`. */
  page: string;
  /** The events in the body of one request. */
  events(body: Json): Json[];
  /** The id by which its own server drops a second arrival; nothing where it has none. */
  idOf?(event: Json): string | undefined;
  /** What its own server says to `count` events. */
  answer(count: number): { status?: number; body: string };
}

const list = (body: Json): Json[] => (Array.isArray(body) ? body : body ? [body] : []);

export const trackers: readonly Tracker[] = [
  {
    name: 'turnout',
    packageName: '@turnout/sdk',
    page: 'turnout.ts',
    events: (body) => body?.interactions ?? [],
    idOf: ({ id }) => id,
    answer: (accepted) => ({ status: 202, body: JSON.stringify({ accepted, rejected: [] }) }),
  },
  {
    name: 'posthog-js',
    packageName: 'posthog-js',
    page: 'posthog.ts',
    events: (body) => list(body?.batch ?? body),
    idOf: ({ uuid }) => uuid,
    answer: () => ({ body: '{"status":1}' }),
  },
  {
    name: 'snowplow',
    packageName: '@snowplow/browser-tracker',
    page: 'snowplow.ts',
    events: (body) =>
      list(body?.data).map((event) => ({
        eid: event.eid,
        data: event.ue_pr ?? Buffer.from(event.ue_px ?? '', 'base64').toString('utf8'),
      })),
    idOf: ({ eid }) => eid,
    answer: () => ({ body: 'ok' }),
  },
  {
    name: 'segment',
    packageName: '@segment/analytics-next',
    page: 'segment.ts',
    events: (body) => list(body?.batch ?? body),
    idOf: ({ messageId }) => messageId,
    answer: () => ({ body: '{"success":true}' }),
  },
  {
    name: 'openpanel',
    packageName: '@openpanel/web',
    page: 'openpanel.ts',
    events: list,
    answer: () => ({ body: '{"deviceId":"device","sessionId":"session"}' }),
  },
  {
    name: 'mixpanel',
    packageName: 'mixpanel-browser',
    page: 'mixpanel.ts',
    events: list,
    idOf: ({ properties }) => properties?.$insert_id,
    answer: () => ({ body: '{"status":1,"error":null}' }),
  },
  {
    name: 'plausible',
    packageName: '@plausible-analytics/tracker',
    page: 'plausible.ts',
    events: list,
    answer: () => ({ status: 202, body: 'ok' }),
  },
];
