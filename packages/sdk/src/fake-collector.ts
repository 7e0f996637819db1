/**
 * A collector for tests: answers as it is told, and remembers what it was sent.
 */
// biome-ignore lint/style/noRestrictedImports: tests hold what we send against the collector's own schemas.
import { batchSchema, contextSchema, interactionSchema } from '@turnout/schema';
import { type Batch, type Interaction, MAX_BATCH_BYTES } from '@turnout/schema/wire';
// biome-ignore lint/correctness/noUndeclaredDependencies: a tool of the whole repository, declared at its root.
import { HttpResponse, http } from 'msw';
// biome-ignore lint/correctness/noUndeclaredDependencies: a tool of the whole repository, declared at its root.
import { setupWorker } from 'msw/browser';
import { createTracker } from './create-tracker.ts';
import { readOptions, type TrackerOptions } from './options.ts';
import { startTracker, type Tracker } from './tracker.ts';
import { uuidv7 } from './uuid.ts';

/** One attempt that reached the collector. */
export interface Attempt {
  key: string | null;
  attempt: number;
  sentAt: number;
  automated: string | null;
  text: string;
  batch: Batch;
  contentType: string | null;
}

/** What the collector says to the n-th attempt of a test, from 0. */
export type Answer = (attempt: Attempt, n: number) => Response | Promise<Response>;

const worker = setupWorker();
const trackers: Tracker[] = [];
const problems: string[] = [];

export const accept: Answer = ({ batch }) =>
  HttpResponse.json({ accepted: batch.interactions.length, rejected: [] }, { status: 202 });

/** Starts the fake network. Call it in `beforeAll`. */
export const startNetwork = () => worker.start({ quiet: true, onUnhandledRequest: 'bypass' });

/** Ends what a test started. Call it in `afterEach`. */
export function cleanUp(): void {
  for (const tracker of trackers.splice(0)) tracker.stop();
  worker.resetHandlers();
  const all = problems.splice(0);
  if (all.length) throw new Error(`The collector would not have taken this: ${all.join('\n')}`);
  document.body.replaceChildren();
}

/** A collector with a key and an address of its own: elsewhere, or a path of the page's own origin. */
export function aCollector(answer: Answer = accept, path?: string) {
  const key = `wk_${uuidv7()}`;
  const endpoint = path ? location.origin + path : `https://${key.replace('_', '-')}.example.com`;
  const attempts: Attempt[] = [];
  let current = answer;
  worker.use(
    http.post(`${endpoint}/v1/interactions`, async ({ request }) => {
      const { searchParams } = new URL(request.url);
      const text = await request.text();
      const attempt = {
        key: searchParams.get('key'),
        attempt: Number(searchParams.get('attempt')),
        sentAt: Number(searchParams.get('sent_at')),
        automated: searchParams.get('automated'),
        text,
        batch: JSON.parse(text) as Batch,
        contentType: request.headers.get('content-type'),
      };
      attempts.push(attempt);
      problems.push(...problemsOf(attempt));
      return current(attempt, attempts.length - 1);
    }),
  );
  return {
    key,
    endpoint,
    attempts,
    answer: (next: Answer) => {
      current = next;
    },
    /** All interactions it was sent, in the order of arrival. */
    interactions: (): Interaction[] => attempts.flatMap(({ batch }) => batch.interactions),
    /** A tracker of this collector; quiet about page views unless asked. */
    tracker: (options: Partial<TrackerOptions> = {}) => {
      const tracker = createTracker({ key, endpoint, pageViews: false, flushAfterMs: 600_000, ...options });
      trackers.push(tracker);
      return tracker;
    },
  };
}

/** Another tab of the same site: it shares what the browser stores, and nothing else. */
export const anotherTab = ({ key, endpoint }: Pick<ReturnType<typeof aCollector>, 'key' | 'endpoint'>) =>
  startTracker(readOptions({ key, endpoint, pageViews: false }), () => Promise.reject());

/** A collector that says the same to whatever it is sent, and looks at nothing. */
export function aMouth(answer: () => Response) {
  const key = `wk_${uuidv7()}`;
  const endpoint = `https://${key.replace('_', '-')}.example.com`;
  worker.use(http.post(`${endpoint}/v1/interactions`, answer));
  return { key, endpoint };
}

function problemsOf({ batch, text }: Attempt): string[] {
  const bytes = new TextEncoder().encode(text).length;
  const checks = [
    batchSchema.safeParse(batch),
    ...(batch.contexts ?? []).map((context) => contextSchema.safeParse(context)),
    ...batch.interactions.map((interaction) => interactionSchema.safeParse(interaction)),
  ];
  const found = checks.flatMap(({ error }) => (error ? [error.message] : []));
  if (bytes > MAX_BATCH_BYTES) found.push(`${bytes} bytes`);
  return found;
}

/** A record of the queue, as far as tests look at it. */
export interface StoredEntry {
  id: string;
  kind: string;
  at: number;
  attempt?: number;
  body?: string;
  ids: string[];
  dropped?: number;
}

/** What the queue of a key holds in IndexedDB. */
export const storedEntries = (key: string): Promise<StoredEntry[]> => changeStored(key, (entry) => entry);

/** Changes what the queue of a key holds in IndexedDB, and resolves with what it was. */
export function changeStored(
  key: string,
  change: (entry: StoredEntry) => StoredEntry,
): Promise<StoredEntry[]> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(`turnout-${key}`);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => opening.result.createObjectStore('queue');
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('queue', 'readwrite');
      const store = transaction.objectStore('queue');
      const all: IDBRequest<StoredEntry[]> = store.getAll();
      all.onsuccess = () => {
        for (const entry of all.result) {
          const changed = change(entry);
          if (changed !== entry) store.put(changed, entry.id);
        }
      };
      transaction.oncomplete = () => {
        opening.result.close();
        resolve(all.result);
      };
    };
  });
}

/** Pretends that the browser takes the page away. */
export const leavePage = () =>
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));

/** A later page of the same visitor: the registry forgets, storage stays. */
export const reopen = (collector: ReturnType<typeof aCollector>, tracker: { stop(): void }) => {
  tracker.stop();
  return collector.tracker();
};
