/**
 * The public object of a page. It wires the parts, and keeps their exceptions from the page.
 */
import { MAX_ID_LENGTH } from '@turnout/schema/wire';
import { isPrerendering, type PageViews, pageViews, type WatchAddress } from './auto/page-views.ts';
import { aDrop, type WaitingInteraction } from './batch.ts';
import type { InteractionName, TrackArguments } from './catalog.ts';
import { createLog, type OpenPanel } from './debug.ts';
import type { ElementTracking } from './element-tracking.ts';
import { forgetKept } from './forget-kept.ts';
import { addTo } from './groups.ts';
import { type ConsentControl, createIdentity, type Ids, type Owner } from './identity.ts';
import {
  type Details,
  type Entity,
  type Props,
  type WrittenInteraction,
  writeInteraction,
} from './interaction.ts';
import { isText } from './is-text.ts';
import { toJson } from './json.ts';
import { listen } from './listen.ts';
import { toText } from './loose.ts';
import { createElements } from './observe.ts';
import type { Consent, Settings } from './options.ts';
import { type TrackerEvents, tell } from './outcomes.ts';
import { clip, createPage } from './page.ts';
import { createQueue } from './queue.ts';
import { quietly } from './quietly.ts';
import { createSender } from './sender.ts';
import { uuidv7 } from './uuid.ts';
import { createViews, type Stopwatch, type View } from './views.ts';

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
  track<Name extends InteractionName>(type: Name, ...details: TrackArguments<Name>): void;
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
  /** The visitor wants to be left alone, now and on later visits: the same as `consent.deny()`. */
  optOut(): void;
  /**
   * Deletes what this browser keeps about the visitor: ids and everything that waits to be sent. What follows
   * comes from a new visitor. Resolves when it is gone; never rejects.
   */
  forget(): Promise<void>;
  /** The ids under which interactions are recorded now; none where nothing is recorded, nor without cookies. */
  ids(): Ids;
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
   * @param details - What is open.
   * @param scope - Its element: what is done and scrolled inside is recorded with the time. The page, if left out.
   * @example
   * const view = tracker.view({ entity: 'event:42', surface: 'event_modal' }, dialog);
   * dialog.addEventListener('close', () => view.end());
   */
  view(details: Details, scope?: Node | null): View;
  /**
   * Becomes the one source of page views, until it is stopped: one of the page that is open now, and one at
   * each new address. `createTracker({ pageViews: false })` leaves that to you; integrations of routers use it.
   *
   * @param read - Details of a page view, asked when it is recorded.
   * @param watch - Tells when the address changed, where a router knows that best; the browser does when left out.
   * @returns A function that stops; nothing when there is a source already.
   */
  pageViews(read?: () => Details, watch?: WatchAddress): (() => void) | undefined;
  /** Stops measuring and sending; what waits stays stored. `createTracker` starts anew. */
  stop(): void;
}

/** Starts the tracker of a page. `openPanel` is called when debug is on; `stopped` hears when it ends. */
export function startTracker(
  settings: Settings,
  openPanel: OpenPanel,
  stopped: () => void = () => {},
): Tracker {
  const log = createLog(settings.debug ? quietly(() => openPanel(settings)) : undefined);
  const { guard } = log;
  const listeners = new Map<keyof TrackerEvents, Set<(detail: never) => void>>();
  const emit = <Kind extends keyof TrackerEvents>(kind: Kind, detail: TrackerEvents[Kind]) => {
    log.debug('told', kind, detail);
    for (const listener of listeners.get(kind) ?? []) guard(listener)(detail as never);
  };
  const stops: (() => void)[] = [];
  const held: WaitingInteraction[] = [];
  const contexts = new Set<Props>();
  let overflown = 0;
  let isStopped = false;
  /** Of the page that is open now. */
  let openPage: Stopwatch | undefined;
  /** Whoever tells of pages. */
  let source: PageViews | undefined;

  const page = createPage(settings.keepParameters);
  const identity = createIdentity(settings, guard(consentChanged));
  const { consent } = identity;
  const queue = createQueue(
    settings.key,
    log,
    (count, reason) => emit('dropped', { count, reason }),
    !settings.cookieless,
    identity.refusedAt,
  );
  const sender = createSender(
    settings,
    queue,
    log,
    (...settled) => tell(emit, ...settled),
    () => consent.status() === 'granted',
  );
  const views = createViews(guard(record));
  const elements = createElements(guard(record), views, log, {
    ownHosts: settings.ownHosts,
    // Who did not agree is told apart by nothing, elsewhere neither.
    decorate: guard((...clicked) =>
      consent.status() === 'granted' && !settings.cookieless
        ? settings.decorateTicketLink?.(...clicked)
        : undefined,
    ),
    mayStore: () => !settings.cookieless && consent.status() === 'granted',
  });

  /** Returns the page that it was recorded on, as JSON. */
  function record(type: string, told?: Details | null, context = page.context()): string | undefined {
    const given = told ?? {};
    const status = consent.status();
    if (isStopped) return;
    if (isPrerendering()) {
      // Nobody sees the page yet, and perhaps nobody ever will.
      on(document, 'prerenderingchange', () => record(type, given));
      return;
    }
    if (status === 'denied') {
      log.debug('skipped', type, 'denied');
      return;
    }
    const details = type === 'page_view' ? { viewId: uuidv7(), ...given } : given;
    // Also when a router's own integration says so.
    if (type === 'page_view') pageViewed(details, context);
    const written = write(type, details);
    if (!written) {
      log.debug('skipped', type);
      return context;
    }
    const interaction: WaitingInteraction = { ...written, context, owner: identity.owner() };
    log.debug('recorded', type, written.text, given);
    if (status === 'granted') sender.add(interaction);
    else if (held.push(interaction) > MAX_HELD) {
      held.shift();
      overflown++;
      emit('dropped', { count: 1, reason: 'full' });
    }
    return context;
  }

  function write(type: string, details: Details): WrittenInteraction | undefined {
    const rate = settings.sample[type] ?? 1;
    if (rate < 1 && Math.random() >= rate) return;
    const written = writeInteraction(
      type,
      rate < 1 ? { ...details, props: { ...details.props, sample_rate: rate } } : details,
      contexts,
      settings.scrub,
    );
    if (!settings.beforeSend) return written;
    const kept = guard(settings.beforeSend)(JSON.parse(written.text));
    // Its id is what makes it count once, whatever else was changed.
    return kept ? { ...written, text: toJson({ ...kept, id: written.id }) } : undefined;
  }

  /** A page was opened: the one before is over, and what is in sight may be impressed once more. */
  function pageViewed({ viewId }: Details, context: string): void {
    const before = openPage;
    before?.end();
    const entity: Entity = `page:${clip(JSON.parse(context).page_path, MAX_ID_LENGTH)}`;
    openPage = views.open(() => ({ entity }), { scope: document, viewId, context });
    openPage.show();
    // What stands there before the first one belongs to it: a router tells of it a moment later.
    if (before) elements.renew();
  }

  function consentChanged(status: Consent, before: Consent, isPast?: boolean): void {
    log.debug('consent', status);
    emit('consent', status);
    if (status === 'granted') {
      // What earlier pages left, too.
      sender.schedule(0);
      const waiting = held.splice(0);
      if (overflown) void queue.write([aDrop(overflown)]);
      overflown = 0;
      // All tabs that waited have their ids from the one that was answered.
      for (const interaction of waiting) sender.add({ ...interaction, owner: identity.owner() });
      if (before === 'denied') {
        // What was done meanwhile stays unknown.
        views.renew();
        elements.renew(true);
        source?.again();
      }
    }
    if (status === 'denied') {
      openPage?.end();
      // What others recorded since is theirs to send: reading drops what is older than the refusal.
      void (isPast ? queue.read() : purge());
    }
  }
  function reset(): void {
    // Nobody agreed before this person left, and whoever agrees next is somebody else.
    overflown += held.splice(0).length;
    identity.reset();
    // The same view under two visitors would tell that they are one.
    views.renew();
  }
  async function purge(): Promise<void> {
    const waiting = held.splice(0).length;
    overflown = 0;
    sender.forget();
    forgetKept();
    const count = waiting + (await queue.purge());
    if (count) emit('dropped', { count, reason: 'denied' });
  }

  // Not captured: on the document, what the behaviours record when the page goes comes first.
  const on = (target: EventTarget, types: string, work: (event: Event) => void) =>
    stops.push(listen(types, guard(work), target, {}));

  on(document, 'visibilitychange', () => {
    // Hears what was decided on another subdomain.
    consent.status();
    elements.visibilityChanged();
    if (document.visibilityState === 'visible') return views.resume();
    views.flush('hidden');
    sender.hidden();
  });
  on(window, 'pagehide', () => {
    views.flush('pagehide');
    sender.leave();
  });
  on(window, 'online', sender.online);
  // A frozen page may be discarded without another word.
  on(document, 'freeze', () => queue.spill());
  const returned = () => {
    views.resume();
    sender.schedule(0);
  };
  on(document, 'resume', returned);
  // Captured, and before that of the page views: what a page that comes back records is none of its last words.
  stops.push(listen<PageTransitionEvent>('pageshow', ({ persisted }) => persisted && returned()));

  // While nobody has agreed, there is nothing to read: looking would create a database.
  const status = consent.status();
  const started = status === 'denied' ? queue.purge() : status === 'granted' && queue.read();
  const ready = Promise.resolve(started).then(() => sender.schedule(settings.flushAfterMs));

  function becomeSource(
    read?: () => Details,
    watch?: WatchAddress,
    isLater = true,
  ): (() => void) | undefined {
    if (source) return;
    const own = pageViews(
      page,
      guard(() => record('page_view', read && guard(read)())),
      watch,
      isLater,
    );
    source = own;
    return () => {
      own.stop();
      if (source === own) source = undefined;
    };
  }
  if (settings.pageViews) becomeSource(undefined, undefined, false);

  return {
    // Returns nothing: an effect of React takes what it returns for its clean-up.
    track: guard((...told: [string, Details?]) => void record(...told)),
    identify: guard((given: string, traits?: Props) => {
      const userId = toText(given);
      if (!isText(userId, MAX_ID_LENGTH)) {
        log.debug('unidentified', userId);
        return;
      }
      identity.identify(userId);
      record('identify', { props: traits });
    }),
    reset: guard(() => {
      // The time until now is that of the person who leaves.
      views.flush('close');
      reset();
    }),
    context(props) {
      const copy = guard(() => ({ ...props }))() ?? {};
      contexts.add(copy);
      return () => void contexts.delete(copy);
    },
    consent: { grant: guard(consent.grant), deny: guard(consent.deny), status: consent.status },
    optOut: guard(consent.deny),
    forget: async () => {
      const purged = purge();
      guard(reset)();
      await purged.catch(log.debug);
    },
    ids: () => {
      const owner = consent.status() !== 'denied' && guard(identity.owner)(true);
      const { visitor_id, user_id, session_id }: Partial<Owner> = JSON.parse(owner || '{}');
      return { visitorId: visitor_id, userId: user_id, sessionId: session_id };
    },
    flush: sender.flush,
    ready: () => ready,
    on(kind, listener) {
      return addTo(listeners, kind, listener as (detail: never) => void);
    },
    observe: (element, read) => guard(elements.observe)(element, read) ?? (() => {}),
    view: (details, scope) => {
      const view = guard(() => {
        const opened = views.open(() => details, { scope: scope ?? document });
        opened.show();
        opened.end = guard(opened.end);
        return opened;
      })();
      return view ?? { viewId: '', end() {} };
    },
    pageViews: (read, watch) => guard(becomeSource)(read, watch),
    stop: guard(() => {
      // There may be another one of its key by now.
      if (isStopped) return;
      source?.stop();
      for (const stop of stops) stop();
      elements.stop();
      views.flush('close');
      views.stop();
      isStopped = true;
      identity.stop();
      sender.stop();
      log.debug('stopped');
      stopped();
    }),
  };
}
