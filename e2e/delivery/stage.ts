import type { Page } from 'playwright-core';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { createSite } from './site.ts';
import { createVisitor, type Visitor } from './visitor.ts';

/** Where one scenario plays: a visitor, a site, and the network between the site's pages and the collector. */
export interface Stage {
  proxy: FaultProxy;
  visitor: Visitor;
  /** How long a fault that has a duration lasts. */
  windowMs: number;
  /** Opens the page that measures. */
  open(): Promise<Page>;
  /** The page that was opened last. */
  lastPage(): Page;
  /** Call it before the first `open`: IndexedDB and localStorage will be refused. */
  refuseStorage(): void;
  /** Numbers that a crash of the browser must not lose, as of now. */
  safe(): number[];
  close(): Promise<void>;
}

export interface StageOptions {
  /** Whoever takes the interactions. */
  upstream: string;
  windowMs: number;
  /** What the page carries: HTML that brings `track`, and the scripts it loads. */
  page(endpoint: string): { head: string; scripts: Record<string, string> };
  /** What a crash must not lose. */
  safe(known: Known): Iterable<number>;
}

/** What the page told us, and so before any crash that comes after. */
interface Known {
  /** Numbers whose `track()` returned, with the page's time of each. */
  recorded: ReadonlyMap<number, number>;
  /** Of those, the numbers whose transaction into IndexedDB was complete. */
  committed: ReadonlySet<number>;
}

/** Builds a {@link Stage}. */
export async function createStage({ upstream, windowMs, page, safe }: StageOptions): Promise<Stage> {
  const proxy = await createFaultProxy(upstream);
  const { head, scripts } = page(proxy.url);
  const site = await createSite(head, scripts);
  const recorded = new Map<number, number>();
  const committed = new Set<number>();
  let isStorageRefused = false;
  let last: Page | undefined;
  const visitor = await createVisitor(async (context) => {
    await context.exposeFunction('onRecorded', (n: number, at: number) => void recorded.set(n, at));
    await context.exposeFunction('onCommitted', (numbers: number[]) => {
      for (const n of numbers) committed.add(n);
    });
    await context.addInitScript(watchCommits);
    if (isStorageRefused) await context.addInitScript(refuseAll);
  });
  return {
    proxy,
    visitor,
    windowMs,
    safe: () => [...safe({ recorded, committed })],
    async open() {
      last = await visitor.open(`${site.url}/`);
      return last;
    },
    lastPage() {
      if (!last) throw new Error('The scenario opened no page.');
      return last;
    },
    refuseStorage() {
      isStorageRefused = true;
    },
    async close() {
      await visitor.close();
      await site.close();
      await proxy.close();
    },
  };
}

/** Runs in the page: tells which numbers a finished transaction holds, as the queue writes them. */
function watchCommits(): void {
  const scope = globalThis as unknown as { onCommitted(numbers: number[]): void };
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value: { text?: string }, ...rest) {
    const n = /"props":\{"n":(\d+)/.exec(value.text ?? '')?.[1];
    if (n) this.transaction.addEventListener('complete', () => scope.onCommitted([Number(n)]));
    return put.call(this, value, ...rest);
  };
}

/** Runs in the page: what a browser does that blocks all storage of a site. */
function refuseAll(): void {
  const refuse = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  Object.defineProperty(window, 'localStorage', { get: refuse });
  IDBFactory.prototype.open = refuse;
}
