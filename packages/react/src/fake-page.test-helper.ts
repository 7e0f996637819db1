/**
 * A page for tests: React on top, the network at the bottom, and a real tracker in between.
 */
import { createTracker, type Interaction, type InteractionType, type TrackerOptions } from '@turnout/sdk';
import { HttpResponse, http } from 'msw';
import { setupWorker } from 'msw/browser';
import { act, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { vi } from 'vitest';
import { TrackingProvider } from './index.ts';

// Effects are flushed by `act`, which asks for this.
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

declare module 'vitest' {
  /** What vitest.config.ts tells the tests of each project. */
  interface ProvidedContext {
    /** The version of React, such as `19.3`. */
    react: string;
  }
}

const worker = setupWorker();
let pages = 0;

/** Starts the fake network. Call it in `beforeAll`. */
export const startNetwork = () => worker.start({ quiet: true, onUnhandledRequest: 'bypass' });

/** A page with a tracker and a collector of its own; its clock stands still until `pass`. */
export function aPage({
  isStrict = false,
  ...options
}: { isStrict?: boolean } & Partial<TrackerOptions> = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const key = `wk_${Date.now()}_${pages++}`;
  const endpoint = `https://collector-${pages}.example.com`;
  const interactions: Interaction[] = [];
  worker.use(
    http.post(`${endpoint}/v1/interactions`, async ({ request }) => {
      const batch = (await request.json()) as { interactions: Interaction[] };
      interactions.push(...batch.interactions);
      return HttpResponse.json({ accepted: batch.interactions.length, rejected: [] }, { status: 202 });
    }),
  );
  const tracker = createTracker({ key, endpoint, pageViews: false, flushAfterMs: 600_000, ...options });
  const { render, unmount } = aRoot();

  return {
    tracker,
    unmount,
    render(children: ReactNode) {
      const app = createElement(TrackingProvider, { tracker }, children);
      render(isStrict ? createElement(StrictMode, null, app) : app);
    },
    /** What reached the collector. The clock of the page runs on by itself from here. */
    async recorded(type?: InteractionType) {
      // What unmounted stops a moment later.
      await Promise.resolve();
      vi.useRealTimers();
      await tracker.flush();
      return interactions.filter((it) => !type || it.type === type);
    },
    close() {
      unmount();
      tracker.stop();
      vi.useRealTimers();
      worker.resetHandlers();
    },
  };
}

/** A React root in the document. */
export function aRoot() {
  const container = document.body.appendChild(document.createElement('main'));
  let root: Root | undefined = createRoot(container);
  return {
    render: (node: ReactNode) => act(() => root?.render(node)),
    unmount() {
      act(() => root?.unmount());
      root = undefined;
      container.remove();
    },
  };
}

/** The browser lays out and tells its observers, then time passes. */
export async function pass(ms: number): Promise<void> {
  for (let n = 0; n < 3; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
  vi.advanceTimersByTime(ms);
}

/** Clicks the element that has this text. */
export function click(text: string): void {
  const elements = [...document.querySelectorAll<HTMLElement>('main *')];
  elements.findLast((it) => it.textContent === text)?.click();
}
