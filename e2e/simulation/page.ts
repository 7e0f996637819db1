/**
 * One page: a realm with the globals of a browser, and the real SDK in it, loaded afresh as a page does.
 */

import type { TrackerOptions } from '../../packages/sdk/src/options.ts';
import type { Tracker } from '../../packages/sdk/src/tracker.ts';
import type { Instantiate } from './bundle.ts';
import { clockOf } from './clock.ts';
import { UNREADABLE } from './engine.ts';
import { createEventTarget } from './event-target.ts';
import type { createIndexedDb } from './indexed-db.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import type { createLocks } from './web-locks.ts';
import type { Realm, World } from './world.ts';

/** What the bundle of the SDK exports. */
export interface Sdk {
  createTracker(options: TrackerOptions): Tracker;
}

/** What pages of one browser share. */
export interface Shared {
  locks: ReturnType<typeof createLocks> | undefined;
  hasKeepalive: boolean;
  now: () => number;
  database: ReturnType<typeof createIndexedDb>;
  localStorage: Record<string, string>;
  /** False while localStorage takes nothing: then a page that goes may lose what it just recorded. */
  canSpill: () => boolean;
}

export const SDK_GLOBALS = [
  'window',
  'document',
  'location',
  'navigator',
  'localStorage',
  'indexedDB',
  'fetch',
  'Request',
  'crypto',
  'Date',
  'Math',
  'performance',
  'AbortSignal',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'addEventListener',
  'removeEventListener',
  'innerWidth',
  'innerHeight',
] as const;

/** See {@link openPage}. */
export type Page = ReturnType<typeof openPage>;

/** Opens a page that starts a tracker. */
export function openPage(
  name: string,
  world: World,
  ledger: Ledger,
  network: Network,
  shared: Shared,
  instantiate: Instantiate<Sdk>,
) {
  const { random } = world;
  const realm = world.realm(name);
  const window = createEventTarget();
  const document = Object.assign(createEventTarget(), {
    referrer: '',
    title: 'Concerts',
    visibilityState: 'visible',
  });
  const recorded: string[] = [];
  const sdk = instantiate({
    ...globalsOf(world, realm, ledger, network, shared),
    ...window,
    window,
    document,
  });
  let tracker: Tracker | undefined;
  world.after(realm, 0, 'opens', () => {
    tracker = sdk.createTracker({
      key: 'wk_demo',
      endpoint: 'http://collector.test',
      pageViews: false,
      flushAfterMs: random.pick([1_000, 5_000]),
    });
  });
  const show = (state: 'visible' | 'hidden') => {
    if (document.visibilityState === state) return;
    document.visibilityState = state;
    document.dispatch('visibilitychange');
  };
  const act = (label: string, work: () => void) => world.after(realm, 0, label, work);

  return {
    realm,
    recorded,
    /** Records a fact: an order when there is a number for one, else whatever the mark says. */
    track(mark: number, order: number | undefined, isUnreadable: boolean): void {
      act(`records mark ${mark}${order === undefined ? '' : ` of order ${order}`}`, () => {
        if (!tracker) return;
        const key = order === undefined ? `mark ${mark}` : `order ${order}`;
        ledger.record(key, isUnreadable);
        recorded.push(key);
        const props = { mark };
        if (order !== undefined) tracker.track('purchase', { orderId: String(order), value: 20, props });
        else if (!isUnreadable && random.chance(0.1)) tracker.identify(`user-${random.integer(1, 2)}`, props);
        else {
          const type = random.pick(['click', 'like', 'ticket_click', 'search']);
          tracker.track(type, { entity: 'event:42', surface: isUnreadable ? UNREADABLE : 'feed', props });
        }
      });
    },
    flush: () => act('flushes', () => void tracker?.flush()),
    hide: () => act('is hidden', () => show('hidden')),
    show: () => act('is shown', () => show('visible')),
    online: () => act('is online', () => window.dispatch('online')),
    freeze: () =>
      act('is frozen', () => {
        show('hidden');
        document.dispatch('freeze');
        realm.isAsleep = true;
      }),
    /** Into the back-forward cache. */
    cache: () =>
      act('goes into the cache', () => {
        window.dispatch('pagehide', { persisted: true });
        show('hidden');
        realm.isAsleep = true;
      }),
    /** Back from either. */
    comeBack(from: 'freeze' | 'cache'): void {
      world.wake(realm);
      act('comes back', () => {
        if (from === 'freeze') document.dispatch('resume');
        else window.dispatch('pageshow', { persisted: true });
        show('visible');
      });
    },
    /** Everything a page is told before it goes. */
    close: () =>
      act('closes', () => {
        window.dispatch('pagehide', { persisted: false });
        show('hidden');
        if (shared.canSpill()) ledger.vouch(recorded);
        die();
      }),
    crash: () => act('crashes', die),
    die,
  };

  function die(): void {
    realm.isAlive = false;
    shared.database.forsake(realm);
    shared.locks?.forsake();
  }
}

function globalsOf(world: World, realm: Realm, ledger: Ledger, network: Network, shared: Shared) {
  const { random } = world;
  const opened = world.now();
  const timer = (work: () => void, ms: number) =>
    world.after(realm, Math.max(1, ms) + random.between(0, 20), '', work);
  const clear = (event?: { isCancelled: boolean }) => {
    if (event) event.isCancelled = true;
  };
  return {
    location: { href: 'http://localhost/', origin: 'http://localhost', pathname: '/', search: '' },
    navigator: {
      language: 'en',
      locks: shared.locks?.of(realm),
      sendBeacon(url: string, body: string) {
        world.note(() => `sends a beacon ${url.slice(url.indexOf('?'))}: ${ledger.factsOf(body)}`);
        network.send(url, body, () => false);
        return true;
      },
    },
    localStorage: shared.localStorage,
    indexedDB: shared.database.of(realm),
    // The SDK asks its prototype whether requests may outlive the page.
    Request: { prototype: shared.hasKeepalive ? { keepalive: false } : {} },
    crypto: {
      getRandomValues(bytes: Uint8Array) {
        random.fill(bytes);
        return bytes;
      },
    },
    Date: clockOf(shared.now),
    Math: Object.assign(Object.create(Math), { random: random.next }),
    performance: { timeOrigin: opened, now: () => world.now() - opened },
    AbortSignal: {
      timeout(ms: number) {
        const signal = createEventTarget();
        timer(() => signal.dispatch('abort'), ms);
        return signal;
      },
    },
    innerWidth: 800,
    innerHeight: 600,
    setTimeout: timer,
    clearTimeout: clear,
    setInterval(work: () => void, ms: number) {
      const interval = { isCancelled: false };
      const tick = () => {
        if (interval.isCancelled) return;
        work();
        timer(tick, ms);
      };
      timer(tick, ms);
      return interval;
    },
    clearInterval: clear,
    fetch(
      url: string,
      { body, signal, keepalive }: { body: string; signal: AbortSignal; keepalive: boolean },
    ) {
      world.note(() => `sends ${url.slice(url.indexOf('?'))}: ${ledger.factsOf(body)}`);
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('AbortError')));
        let isCut: boolean | undefined;
        const isCutOff = () => {
          if (!keepalive && !realm.isAlive) isCut ??= random.chance(0.5);
          return isCut ?? false;
        };
        network.send(url, body, isCutOff, {
          realm,
          to: (answer) => {
            if (!answer) return reject(new TypeError('Failed to fetch'));
            resolve({
              status: answer.status,
              text: () => Promise.resolve(answer.text),
              headers: { get: () => answer.retryAfter },
            });
          },
        });
      });
    },
  };
}
