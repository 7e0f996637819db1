import { expect, test } from 'vitest';
import { storedEntries } from './fake-collector.ts';
import { uuidv7 } from './uuid.ts';

/**
 * Whole pages of their own, in frames: what they do to their globals stays there. Each lives twice, with
 * the script tag and without, and must not notice.
 */
type Page = typeof globalThis & Window;

interface Life {
  /** What the page saw of itself. */
  seen: unknown[];
  /** Types of what arrived at the collector. */
  arrived: string[];
  key: string;
}

/** Whatever the page made of its own `addEventListener`. */
const listenTo = (target: EventTarget, type: string, listener: (event: Event) => void, how?: object) =>
  EventTarget.prototype.addEventListener.call(target, type, listener, how);

const SCRIPT = new URL('./script.ts', import.meta.url).href;

async function live(patch: (page: Page) => void, withTracker: boolean): Promise<Life> {
  const frame = document.body.appendChild(document.createElement('iframe'));
  frame.style.cssText = 'width: 300px; height: 300px';
  const page = frame.contentWindow as Page;
  const { document: doc } = page;
  const seen: unknown[] = [];
  const arrived: string[] = [];
  const key = `wk_${uuidv7()}`;
  listenTo(page, 'error', (event) => seen.push(`error ${(event as ErrorEvent).message}`));
  listenTo(page, 'unhandledrejection', (event) => seen.push((event as PromiseRejectionEvent).reason));
  for (const method of ['error', 'warn', 'info', 'log', 'debug'] as const) {
    page.console[method] = (...args: unknown[]) => void seen.push(`console ${args.map(String)}`);
  }
  page.fetch = async (_, init) => {
    const { interactions } = JSON.parse(String(init?.body));
    arrived.push(...interactions.map(({ type }: { type: string }) => type));
    return new Response(JSON.stringify({ accepted: interactions.length, rejected: [] }), { status: 202 });
  };
  patch(page);

  if (withTracker) {
    const script = doc.createElement('script');
    Object.assign(script, { type: 'module', src: `${SCRIPT}?page=${key}` });
    Object.assign(script.dataset, { key, endpoint: 'https://stats.example.com' });
    const loaded = new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = reject;
    });
    doc.head.append(script);
    await loaded;
  }

  doc.body.innerHTML = `
    <a href="https://tickets.example.com" data-track="ticket_click" data-track-entity="event:1" data-track-prop-constructor="x">Go</a>
    <button data-track-impression="event:2" data-track-click data-track-json-bad="{">Stop</button>`;
  const [link, button] = doc.querySelectorAll<HTMLElement>('a, button');
  await new Promise((resolve) => setTimeout(resolve)); // Observers are told first.
  for (const type of ['click', 'visibilitychange', 'pagehide', 'pageshow']) {
    for (const target of [page, doc]) {
      for (const capture of [true, false]) {
        listenTo(
          target,
          type,
          (event) => {
            const { defaultPrevented, cancelBubble, eventPhase } = event;
            seen.push([type, capture, defaultPrevented, cancelBubble, eventPhase]);
          },
          { capture },
        );
      }
    }
  }
  if (link) listenTo(link, 'click', (event) => event.preventDefault());
  if (button) listenTo(button, 'click', (event) => event.stopImmediatePropagation());
  const tries: (() => unknown)[] = [
    () => link?.click(),
    () => button?.click(),
    () => page.history.pushState({ n: 1 }, ''),
    () => page.history.state.n,
    () => page.history.pushState(null, '', 'https://elsewhere.example.com/'),
    () => page.setTimeout.name,
    () => page.JSON.stringify({ list: [1, 'two'] }),
    () => page.Object.keys(page.Array.prototype),
    () =>
      (page as Page & { turnout?: (...command: unknown[]) => void }).turnout?.('track', 'custom_thing') && 0,
    () => page.dispatchEvent(new PageTransitionEvent('pagehide')),
    () => page.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
    () => {
      throw new Error('of the page itself');
    },
  ];
  for (const attempt of tries) {
    try {
      seen.push(attempt() ?? 'done');
    } catch (error) {
      seen.push(String(error));
    }
  }
  if (withTracker) {
    const { turnout } = page as Page & { turnout?: (...command: unknown[]) => unknown };
    await turnout?.('flush');
    await turnout?.('consent', 'granted');
    turnout?.('no such command', Symbol('x'));
    turnout?.('context', { get: 1 });
    await turnout?.('flush');
  }
  // Rejections are told in a task of their own.
  await new Promise((resolve) => setTimeout(resolve, 20));
  frame.remove();
  // The developer is told of an unknown command; nobody else hears anything.
  const told = `console [turnout] turnout('no such command') is unknown`;
  return { seen: seen.filter((it) => !String(it).startsWith(told)), arrived, key };
}

const refuse = () => {
  throw new Error('refused');
};
const lose =
  (...names: string[]) =>
  (page: Page) => {
    for (const name of names) Object.defineProperty(page, name, { value: undefined });
  };

/** The page looks as if these had never been there. */
const lack = (target: object, ...names: string[]) => {
  for (const name of names) Object.defineProperty(target, name, { value: undefined, configurable: true });
};

test.each<[string, (page: Page) => void]>([
  ['like any other', () => {}],
  [
    'with frozen prototypes',
    (page) => {
      const { Object: O, Array: A, Function: F, Promise: P, String: S, Map: M, Set: T, Error: E } = page;
      for (const it of [O, A, F, P, S, M, T, E, page.EventTarget, page.Element]) O.freeze(it.prototype);
      O.freeze(page.JSON);
      O.freeze(page.History.prototype);
      O.freeze(page.history);
    },
  ],
  [
    'with half a browser',
    lose('AbortController', 'AbortSignal', 'IntersectionObserver', 'indexedDB', 'crypto', 'navigation'),
  ],
  [
    'without Web Locks and beacons',
    (page) => {
      Object.defineProperty(page.navigator, 'locks', { value: undefined });
      Object.defineProperty(page.navigator, 'sendBeacon', { value: undefined });
      Object.defineProperty(page.Request.prototype, 'keepalive', { value: undefined });
      Reflect.deleteProperty(page.Request.prototype, 'keepalive');
    },
  ],
  [
    'shaped like a Safari of some years ago',
    (page) => {
      lose('navigation', 'requestIdleCallback', 'scheduler', 'BroadcastChannel', 'CookieStore')(page);
      lack(page.navigator, 'locks', 'userAgentData', 'connection', 'globalPrivacyControl');
      lack(page.AbortSignal, 'timeout', 'any');
      lack(page.document, 'wasDiscarded', 'prerendering', 'onfreeze', 'onresume');
    },
  ],
  [
    'shaped like a Firefox of some years ago',
    (page) => {
      lose('navigation', 'scheduler', 'PerformanceLongTaskTiming', 'LayoutShift')(page);
      lack(page.navigator, 'locks', 'userAgentData', 'connection');
      Reflect.deleteProperty(page.Request.prototype, 'keepalive');
      Reflect.deleteProperty(page.IDBTransaction.prototype, 'commit');
      Reflect.deleteProperty(page.IntersectionObserverEntry.prototype, 'isVisible');
    },
  ],
  [
    'with nothing that is newer than a fetch',
    (page) => {
      lose('navigation', 'IntersectionObserver', 'indexedDB', 'BroadcastChannel', 'crypto')(page);
      lose('AbortSignal', 'AbortController', 'requestIdleCallback', 'PerformanceObserver')(page);
      lack(page.navigator, 'locks', 'sendBeacon', 'storage');
      Reflect.deleteProperty(page.Request.prototype, 'keepalive');
    },
  ],
  [
    'that refuses storage',
    (page) => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
        Object.defineProperty(page, name, { get: refuse });
      }
    },
  ],
  [
    'with a toJSON for everything',
    (page) => {
      for (const { prototype } of [page.Array, page.String]) {
        Object.defineProperty(prototype, 'toJSON', { value: () => 'quoted', enumerable: true });
      }
    },
  ],
  [
    'with timers that call at once',
    (page) => {
      page.setTimeout = ((work: () => void) => void work()) as never;
      page.setInterval = ((work: () => void) => void work()) as never;
    },
  ],
  [
    'with listeners of its own making',
    (page) => {
      const { addEventListener } = page.EventTarget.prototype;
      page.EventTarget.prototype.addEventListener = function (type, listener, how) {
        const wrapped = (event: Event) => (listener as (event: Event) => void)?.call(this, event);
        addEventListener.call(this, type, wrapped, how);
        if (type === 'pageshow') throw new Error('refused');
      };
    },
  ],
  [
    'whose clock jumps',
    (page) => {
      let years = 0;
      const { now } = page.Date;
      page.Date.now = () => now() + (years++ % 2 ? 1 : -1) * 20 * 365 * 86_400_000;
    },
  ],
])('a page %s does not notice, and is measured', async (_, patch) => {
  const without = await live(patch, false);
  const { seen, arrived, key } = await live(patch, true);

  expect(seen).toEqual(without.seen);
  expect(arrived).toEqual(expect.arrayContaining(['page_view', 'ticket_click', 'click', 'custom']));
  expect(await storedEntries(key)).toEqual([]);
});

const replace = (name: keyof Page, value: unknown) => (page: Page) => {
  Object.defineProperty(page, name, { value });
};

test.each<[string, (page: Page) => void]>([
  ['whose JSON.stringify throws', replace('JSON', { ...JSON, parse: JSON.parse, stringify: refuse })],
  ['whose fetch throws', replace('fetch', refuse)],
  ['whose fetch returns nothing', replace('fetch', () => undefined)],
  ['whose listeners all throw', replace('addEventListener', refuse)],
  ['without a performance', lose('performance')],
  ['without URLSearchParams', lose('URLSearchParams')],
  ['without MutationObserver', lose('MutationObserver')],
])('a page %s does not notice', async (_, patch) => {
  const without = await live(patch, false);
  const { seen } = await live(patch, true);

  expect(seen).toEqual(without.seen);
});
