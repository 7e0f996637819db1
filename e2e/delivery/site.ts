import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The site of a test: one page that measures, at `/`, and one that does not, at `/elsewhere`. */
export interface Site {
  url: string;
  close(): Promise<void>;
}

/** What a page of ours can do, whichever tracker it carries: `head` brings `track(n)`. */
declare global {
  /** Tracks interaction `n` of this scenario. */
  function track(n: number): void;
  /** Tracks the interactions `from` to `to` in one task. */
  function record(from: number, to: number): void;
  /** Tracks them one by one, evenly, and resolves when all are. */
  function recordOver(from: number, to: number, ms: number): Promise<void>;
  /** Told what was tracked, where a test listens. */
  function onRecorded(n: number, at: number): void;
}

const RECORDER = `
  function record(from, to) {
    for (let n = from; n <= to; n++) {
      track(n);
      globalThis.onRecorded?.(n, Date.now());
    }
  }
  async function recordOver(from, to, ms) {
    for (let n = from; n <= to; n++) {
      record(n, n);
      await new Promise((resolve) => setTimeout(resolve, ms / (to - from + 1)));
    }
  }`;

/** Serves the site on an origin of its own, and so with a storage of its own. */
export async function createSite(head: string, scripts: Record<string, string> = {}): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const script = scripts[url];
    if (script !== undefined) {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      return response.end(script);
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    if (url === '/')
      return response.end(`<!doctype html><title>Venue</title><script>${RECORDER}</script>${head}`);
    if (url === '/elsewhere') return response.end('<!doctype html><title>Elsewhere</title>');
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
