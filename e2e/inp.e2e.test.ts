import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';

const { openContext } = aBrowserForThisFile();

const CARDS = 200;
const CLICKS = 20;

/** A page of many tracked cards, and a collector beside it. */
async function aSite() {
  const script = await readFile(new URL('../packages/sdk/dist/t.js', import.meta.url));
  const received: string[] = [];
  const card = (n: number) =>
    `<article data-track-impression="event:${n}" data-track-click data-track-duration>Card ${n}</article>`;
  const cards = Array.from({ length: CARDS }, (_, n) => card(n)).join('');
  const html = (tag: string) =>
    `<!doctype html><title>Cards</title>${tag}<section data-track-list="feed">${cards}</section>`;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { interactions } = JSON.parse(body) as { interactions: { type: string; entity_id?: string }[] };
      received.push(...interactions.map(({ type, entity_id }) => `${type} ${entity_id}`));
      response.writeHead(202).end(JSON.stringify({ accepted: interactions.length, rejected: [] }));
    } else if (request.url === '/t.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else {
      const tag = request.url === '/with' ? '<script src="/t.js" data-key="wk_demo"></script>' : '';
      response.writeHead(200, { 'content-type': 'text/html' }).end(html(tag));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

type Watched = typeof globalThis & { before: string[]; painted: number };

/** Notes what leaves the page between a click and its paint, and dirties the layout before and after all listeners. */
function watch(): void {
  const page = globalThis as Watched;
  page.before = [];
  page.painted = 0;
  let isAnswering = false;
  for (const [owner, name] of [
    [globalThis, 'fetch'],
    [Navigator.prototype, 'sendBeacon'],
  ] as const) {
    const original = (owner as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
    Object.assign(owner, {
      [name](this: unknown, ...args: unknown[]) {
        if (isAnswering) page.before.push(name);
        return original?.apply(this, args);
      },
    });
  }
  let height = 0;
  const dirty = () => {
    const first = document.querySelector('article');
    if (first) first.style.height = `${20 + (height++ % 7)}px`;
  };
  addEventListener(
    'click',
    () => {
      isAnswering = true;
      dirty();
    },
    true,
  );
  addEventListener('click', () => {
    dirty();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        isAnswering = false;
        page.painted++;
      };
      port2.postMessage(0);
    });
  });
}

async function click(url: string) {
  const page = await (await openContext()).newPage();
  await page.addInitScript(watch);
  await page.goto(url);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const layouts = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount')?.value ?? Number.NaN;
  };
  const card = page.locator('article').nth(5);
  const { x, y } = (await card.boundingBox()) ?? { x: 0, y: 0 };
  const before = await layouts();
  for (let n = 0; n < CLICKS; n++) {
    await page.mouse.click(x + 5, y + 8);
    await expect
      .poll(() => page.evaluate(() => (globalThis as Watched).painted), { interval: 50 })
      .toBe(n + 1);
  }
  return {
    layouts: (await layouts()) - before,
    left: await page.evaluate(() => (globalThis as Watched).before),
  };
}

test('adds no layout and no request between a click and its paint', async () => {
  const site = await aSite();

  const without = await click(`${site.url}/without`);
  const withTracker = await click(`${site.url}/with`);

  expect(without.layouts).toBe(CLICKS);
  expect(withTracker.layouts).toBe(CLICKS);
  expect(withTracker.left).toEqual([]);
  // And it was recording all the while.
  await expect.poll(() => site.received, { timeout: 60_000 }).toContain('click 5');
});
