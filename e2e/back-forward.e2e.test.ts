import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createVisitor } from './delivery/visitor.ts';

/** Sends as a page goes, and by no timer: a request on its way keeps a page out of the cache. */
const OPTIONS = '<script>turnout = { options: { flushAfterMs: 600_000 } }</script>';

interface Received {
  id: string;
  type: string;
  view_id: string;
  part?: number;
  duration_ms?: number;
  page: string;
}

/** Two pages with the script, and a collector that counts each id once. */
async function aSite() {
  const script = await readFile(new URL('../packages/sdk/dist/t.js', import.meta.url));
  const received = new Map<string, Received>();
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { contexts, interactions } = JSON.parse(body);
      for (const one of interactions) {
        received.set(one.id, { ...one, page: contexts[one.context].page_path });
      }
      response.writeHead(202).end(JSON.stringify({ accepted: interactions.length, rejected: [] }));
    } else if (request.url === '/t.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          `<!doctype html><title>A page</title>${OPTIONS}<script src="/t.js" data-key="wk_demo"></script>`,
        );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    all: (type: string) => [...received.values()].filter((one) => one.type === type),
  };
}

test('a page from the back/forward cache is one more page view, with a time of its own', async () => {
  const site = await aSite();
  // A browser as users have it: the one that Playwright starts has no such cache.
  const visitor = await createVisitor(async () => {});
  onTestFinished(() => visitor.close());
  const page = await visitor.open(`${site.url}/first`);
  const views = () =>
    site
      .all('page_view')
      .map((one) => one.page)
      .sort();
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
  });

  await page.evaluate("location.assign('/second')");
  await page.waitForURL('**/second');
  // A page from the cache never loads again: waiting for `load` would take for ever.
  await page.goBack({ waitUntil: 'commit' });
  expect(await page.evaluate(() => (window as { persisted?: boolean }).persisted)).toBe(true);
  await page.evaluate("location.assign('/third')");
  await page.waitForURL('**/third');
  // What the page before had begun to send when it went is in the queue: nothing else would send it before long.
  await page.evaluate("turnout('flush')");
  await page.goto('about:blank');

  await expect.poll(views, { timeout: 60_000 }).toEqual(['/first', '/first', '/second', '/third']);
  const ids = site.all('page_view').map(({ view_id }) => view_id);
  expect(new Set(ids).size).toBe(4);
  // What is recorded of the time belongs to the four views, each part of each once.
  const parts = site.all('view').map(({ view_id, part }) => `${view_id} ${part}`);
  expect(new Set(parts).size).toBe(parts.length);
  for (const { view_id } of site.all('view')) expect(ids).toContain(view_id);
});
