/**
 * A tracker for tests: what it records is in an array, at once. No network, no timers, no storage; in Node as well
 * as in browsers.
 */
import type { Interaction } from '@turnout/schema/wire';
import { createClicks } from '../clicks.ts';
import { detailsOf, type ElementTracking } from '../element-tracking.ts';
import type { Details, Props } from '../interaction.ts';
import { writeInteraction } from '../interaction.ts';
import type { Consent } from '../options.ts';
import type { TrackerEvents } from '../outcomes.ts';
import type { Tracker } from '../tracker.ts';
import { uuidv7 } from '../uuid.ts';
import type { View } from '../views.ts';
import { expectInteraction, expectNone } from './expect-interaction.ts';

/** What {@link createMemoryTracker} is told. */
export interface MemoryTrackerOptions {
  /**
   * What the visitor agreed to. `pending` holds interactions back until `consent.grant()`.
   * @defaultValue `'granted'`
   */
  consent?: Consent;
  /** Sees each interaction and may change or drop it, as with a real tracker. */
  beforeSend?: (interaction: Interaction) => Interaction | null;
}

/** A {@link Tracker} whose interactions tests look at. */
export interface MemoryTracker extends Tracker {
  /** What was recorded, in the words of the wire, oldest first. */
  readonly interactions: readonly Interaction[];
  /**
   * Finds the interaction that a test expects.
   *
   * @param details - Only what is named here has to be the same, in `props` too.
   * @returns The first one, in the words of the wire.
   * @throws Error that says what was recorded instead, and how the nearest one differs.
   * @example
   * tracker.expect('ticket_click', { entity: 'event:42', props: { ticket_provider: 'dice' } });
   */
  expect(type: Parameters<Tracker['track']>[0], details?: Details): Interaction;
  /**
   * Says that nothing of the kind was recorded.
   *
   * @throws Error that says what was.
   */
  expectNone(type: Parameters<Tracker['track']>[0], details?: Details): void;
  /** Records that an observed element came into sight, as after a second of it: nothing here watches or waits. */
  see(element: Element): void;
  /** Forgets what was recorded. */
  clear(): void;
}

/**
 * Makes a tracker that keeps what it records in memory.
 *
 * `observe` records clicks where there is a document; {@link MemoryTracker.see} records impressions.
 *
 * @example
 * const tracker = createMemoryTracker();
 * render(<TrackingProvider tracker={tracker}><EventCard id="42" /></TrackingProvider>);
 * tracker.see(screen.getByRole('article'));
 * tracker.expect('impression', { entity: 'event:42', position: 0 });
 */
export function createMemoryTracker(options: MemoryTrackerOptions = {}): MemoryTracker {
  const interactions: Interaction[] = [];
  const held: Interaction[] = [];
  const unsent: Interaction[] = [];
  const contexts = new Set<Props>();
  const observed = new Map<Element, () => ElementTracking>();
  const listeners = new Map<string, Set<(detail: never) => void>>();
  let status = options.consent ?? 'granted';
  let ids = newIds();
  let userId: string | undefined;
  let isStopped = false;
  let stopPageViews: (() => void) | undefined;

  const emit = <Kind extends keyof TrackerEvents>(kind: Kind, detail: TrackerEvents[Kind]) => {
    for (const listener of listeners.get(kind) ?? []) listener(detail as never);
  };
  const keep = (interaction: Interaction) => {
    interactions.push(interaction);
    unsent.push(interaction);
  };
  const track = (type: string, details: Details = {}): void => {
    if (isStopped || status === 'denied') return;
    const written: Interaction = JSON.parse(writeInteraction(type, details, contexts).text);
    const kept = options.beforeSend ? options.beforeSend(written) : written;
    if (!kept) return;
    if (status === 'granted') keep({ ...kept, id: written.id });
    else held.push({ ...kept, id: written.id });
  };
  const decide = (next: Consent) => {
    status = next;
    emit('consent', next);
    const waiting = held.splice(0);
    if (next === 'granted') for (const interaction of waiting) keep(interaction);
    if (next !== 'denied') return;
    const count = waiting.length + unsent.splice(0).length;
    if (count) emit('dropped', { count, reason: 'denied' });
  };
  const reset = () => {
    ids = newIds();
    userId = undefined;
  };
  const view = (read: () => Details): View => {
    const viewId = uuidv7();
    let isOpen = true;
    const record = (part: number, props?: Props) => {
      const details = read();
      track('view', { ...details, viewId, part, durationMs: 0, props: { ...details.props, ...props } });
    };
    record(0);
    return {
      viewId,
      end(reason = 'close', props) {
        if (isOpen) record(1, { ...props, end_reason: reason });
        isOpen = false;
      },
    };
  };
  const clicks = typeof document === 'undefined' ? undefined : createClicks(track, [], () => undefined);

  return {
    interactions,
    track,
    identify(id, traits) {
      userId = id;
      track('identify', { props: traits });
    },
    reset,
    context(props) {
      const copy = { ...props };
      contexts.add(copy);
      return () => void contexts.delete(copy);
    },
    consent: { grant: () => decide('granted'), deny: () => decide('denied'), status: () => status },
    optOut: () => decide('denied'),
    async forget() {
      reset();
      held.length = 0;
      unsent.length = 0;
    },
    ids: () => (status === 'denied' ? {} : { ...ids, userId }),
    async flush() {
      const sent = unsent.splice(0);
      if (sent.length) emit('sent', { batchId: uuidv7(), accepted: sent.length, interactions: sent });
    },
    ready: async () => {},
    on(kind, listener) {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(listener as (detail: never) => void));
      return () => void set.delete(listener as (detail: never) => void);
    },
    observe(element, read) {
      observed.set(element, read);
      const stopClicks = clicks?.add(element, read);
      const opened = read().duration ? view(() => detailsOf(read())) : undefined;
      return () => {
        if (observed.get(element) === read) observed.delete(element);
        stopClicks?.();
        opened?.end('unmount');
      };
    },
    view: (details) => view(() => details),
    pageViews(read, watch) {
      if (stopPageViews) return;
      const record = () => track('page_view', read?.());
      record();
      const stop = watch?.(record);
      stopPageViews = () => {
        stopPageViews = undefined;
        stop?.();
      };
      return stopPageViews;
    },
    stop() {
      isStopped = true;
      clicks?.stop();
    },
    expect: (type, details) => expectInteraction(interactions, type, details),
    expectNone: (type, details) => expectNone(interactions, type, details),
    see(element) {
      const read = observed.get(element);
      if (!read) {
        throw new Error(
          `see: nobody observes this <${element.localName}>. Observed are: ${
            [...observed.keys()].map(({ localName }) => `<${localName}>`).join(', ') || 'no elements at all'
          }.`,
        );
      }
      const tracking = read();
      if (tracking.impression)
        track('impression', { ...detailsOf(tracking), durationMs: 1_000, visibleRatio: 1 });
    },
    clear() {
      interactions.length = 0;
      held.length = 0;
      unsent.length = 0;
    },
  };
}

const newIds = () => ({ visitorId: uuidv7(), sessionId: uuidv7() });
