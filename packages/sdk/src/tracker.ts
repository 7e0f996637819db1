/**
 * The public object of a page. It wires the parts, and keeps their exceptions from the page.
 */
import { type InteractionType, MAX_ID_LENGTH } from '@turnout/schema/wire';
import { pageViews } from './auto/page-views.ts';
import { createLog } from './debug.ts';
import { type ConsentControl, createIdentity } from './identity.ts';
import { type Details, type Props, writeInteraction } from './interaction.ts';
import { isText } from './is-text.ts';
import { toJson } from './json.ts';
import { listen } from './listen.ts';
import { createElements, type ElementTracking } from './observe.ts';
import type { Consent, Settings } from './options.ts';
import { createPage } from './page.ts';
import { aDrop, createQueue } from './queue.ts';
import { createSender, type TrackerEvents } from './sender.ts';
import { uuidv7 } from './uuid.ts';
import { createViews, type View } from './views.ts';

/** Who made a batch. */
export const SDK = 'js/0.1.0';
/** Undecided visitors keep this many interactions in memory at most; the oldest leave first. */
const MAX_HELD = 1_000;

/** Measures what visitors do. Made by `createTracker`. */
export interface Tracker {
  /**
   * Records that something happened.
   *
   * Returns at once and never throws: the interaction is stored in the browser and sent with the next
   * batch. To wait until everything was sent, `await tracker.flush()`.
   *
   * @param type - What happened: one of the built-in types, or a name of your own, which travels as
   * `custom` with that name.
   * @param details - What it happened to, and facts about it as JSON. Keep personal data out.
   * @example
   * tracker.track('ticket_click', { entity: 'event:42', props: { ticket_provider: 'box-office' } });
   */
  track(type: InteractionType | (string & {}), details?: Details): void;
  /**
   * Says who is signed in, from now on and in all tabs, until {@link Tracker.reset}.
   *
   * @param userId - The person's id in your own system; no e-mail address.
   * @param traits - Facts about the person, such as `{ city: 'Austin' }`.
   */
  identify(userId: string, traits?: Props): void;
  /** Forgets who is signed in: what follows comes from a new visitor in a new session. Call it at sign-out. */
  reset(): void;
  /**
   * Adds props to every later interaction; an interaction's own props win.
   *
   * @returns A function that takes them away again.
   */
  context(props: Props): () => void;
  /** What the visitor agreed to. */
  readonly consent: ConsentControl;
  /** Sends what waits. Resolves when everything was tried once; never rejects. What failed is tried again later. */
  flush(): Promise<void>;
  /** Resolves when the queue of earlier pages is loaded; never rejects. */
  ready(): Promise<void>;
  /**
   * Listens to what becomes of interactions.
   *
   * @returns A function that stops listening.
   * @example
   * tracker.on('rejected', ({ code, message }) => console.warn(code, message));
   */
  on<Kind extends keyof TrackerEvents>(
    kind: Kind,
    listener: (detail: TrackerEvents[Kind]) => void,
  ): () => void;
  /**
   * Measures an element: impressions, clicks, visible time.
   *
   * @param element - An element with a box; `display: contents` has none.
   * @param read - Tells what it is. Asked again whenever something is recorded, so the latest values
   * count. Whether impressions or time are watched at all is decided by the first answer.
   * @returns A function that stops measuring, and records the visible time that is left.
   */
  observe(element: Element, read: () => ElementTracking): () => void;
  /**
   * Opens a view of a page or dialog, and measures its visible time until `end()`.
   *
   * @example
   * const view = tracker.view({ entity: 'event:42', surface: 'event_modal' });
   * dialog.addEventListener('close', () => view.end('close', { interacted: true }));
   */
  view(details: Details): View;
  /** Stops measuring and sending; what waits stays stored. `createTracker` starts anew. */
  stop(): void;
}

/** Starts the tracker of a page. `stopped` hears when it ends. */
export function startTracker(settings: Settings, stopped: () => void = () => {}): Tracker {
  const log = createLog(settings.debug);
  const { guard } = log;
  const listeners = new Map<keyof TrackerEvents, Set<(detail: never) => void>>();
  const emit = <Kind extends keyof TrackerEvents>(kind: Kind, detail: TrackerEvents[Kind]) => {
    for (const listener of listeners.get(kind) ?? []) guard(listener)(detail as never);
  };
  const stops: (() => void)[] = [];
  const held: Parameters<typeof sender.add>[] = [];
  const contexts = new Set<Props>();
  let overflown = 0;
  let isStopped = false;

  const page = createPage();
  const identity = createIdentity(settings, guard(consentChanged));
  const { consent } = identity;
  const queue = createQueue(settings.key, log, (count, reason) => emit('dropped', { count, reason }));
  const sender = createSender(settings, queue, log, emit, () => consent.status() === 'granted');
  const views = createViews(guard(record));
  const elements = createElements(guard(record), views, log);

  function record(type: string, details: Details = {}): void {
    const status = consent.status();
    if (isStopped) return;
    if (status === 'denied') {
      log.debug(`not recorded: ${type}, consent is denied`);
      return;
    }
    // Also when a router's own integration says so: what is in sight may be impressed once more.
    if (type === 'page_view') elements.renew();
    const report = (problem: string) => log.debug(`${type}: ${problem}`);
    const { text, ...written } = writeInteraction(type, details, report, contexts);
    const interaction = {
      id: written.id,
      at: written.at,
      text,
      context: toJson(page.context()),
      owner: toJson({ sdk: SDK, env: settings.env, ...identity.owner() }),
    };
    log.debug(`recorded ${type}`, text);
    if (status === 'granted') {
      sender.add(interaction, written.type);
      return;
    }
    held.push([interaction, written.type]);
    if (held.length > MAX_HELD) {
      held.shift();
      overflown++;
      emit('dropped', { count: 1, reason: 'full' });
    }
  }

  function consentChanged(status: Consent): void {
    log.debug(`consent: ${status}`);
    const waiting = held.splice(0);
    if (status === 'granted') {
      if (overflown) void queue.write([aDrop(overflown)]);
      overflown = 0;
      for (const [interaction, type] of waiting) {
        const owner = { ...JSON.parse(interaction.owner), consent: 'granted' };
        sender.add({ ...interaction, owner: toJson(owner) }, type);
      }
    }
    if (status === 'denied') {
      overflown = 0;
      sender.forget();
      void queue.purge().then((count) => {
        const total = count + waiting.length;
        if (total) emit('dropped', { count: total, reason: 'denied' });
      });
    }
  }

  const on = (target: EventTarget, type: string, work: (event: Event) => void) =>
    stops.push(listen(target, type, guard(work)));

  on(document, 'visibilitychange', () => {
    elements.visibilityChanged();
    if (document.visibilityState === 'visible') return views.resume();
    views.flush('hidden');
    sender.hidden();
  });
  on(window, 'pagehide', () => {
    views.flush('pagehide');
    sender.leave();
  });
  // A frozen page may be discarded without another word.
  on(document, 'freeze', () => queue.spill([]));
  const returned = () => {
    views.resume();
    void queue.recover().then(() => sender.schedule(0));
  };
  on(document, 'resume', returned);
  on(window, 'pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) returned();
  });

  const ready = (consent.status() === 'denied' ? queue.purge() : queue.recover()).then(() =>
    sender.schedule(settings.flushAfterMs),
  );

  if (settings.pageViews) {
    stops.push(
      pageViews(
        page,
        guard(() => record('page_view', { viewId: uuidv7() })),
      ),
    );
  }

  return {
    track: guard(record),
    identify: guard((userId: string, traits?: Props) => {
      if (!isText(userId, MAX_ID_LENGTH)) {
        log.debug('identify: the id is no text of at most 200 characters', userId);
        return;
      }
      identity.identify(userId);
      record('identify', { props: traits });
    }),
    reset: guard(identity.reset),
    context(props) {
      const copy = guard(() => ({ ...props }))() ?? {};
      contexts.add(copy);
      return () => void contexts.delete(copy);
    },
    consent: { grant: guard(consent.grant), deny: guard(consent.deny), status: consent.status },
    flush: sender.flush,
    ready: () => ready,
    on(kind, listener) {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(listener as (detail: never) => void));
      return () => void set.delete(listener as (detail: never) => void);
    },
    observe: (element, read) => guard(elements.observe)(element, read) ?? (() => {}),
    view: (details) => {
      const view = guard(() => {
        const opened = views.open(() => details);
        opened.show();
        return { viewId: opened.viewId, end: guard(opened.end) };
      })();
      return view ?? { viewId: '', end() {} };
    },
    stop: guard(() => {
      for (const stop of stops) stop();
      elements.stop();
      isStopped = true;
      identity.stop();
      sender.stop();
      stopped();
    }),
  };
}
