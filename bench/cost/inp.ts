import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type Answered, watchAnswers } from './in-page.ts';

const CARDS = 100;
/** Pairs of blocks: some clicks with the tracker, and as many without. */
const PAIRS = 30;
const CLICKS = 10;

/**
 * How long the browser takes to answer a click on the screen, on one page with the tracker and without: in turns, in
 * one browser, so that whatever else this machine does falls on both.
 */
export async function compareAnswers(browser: Browser): Promise<object[]> {
  const site = await serve();
  const context = await browser.newContext();
  const open = async (path: string) => {
    const page = await context.newPage();
    await page.addInitScript(watchAnswers);
    await page.goto(site.url + path);
    await page.waitForTimeout(1_000);
    return page;
  };
  try {
    const [without, withTracker] = [await open('/without'), await open('/with')];
    // Warm.
    for (const page of [without, withTracker]) await clickAround(page);
    const pairs: { without: Answered[]; withTracker: Answered[] }[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      // Who comes first has the machine as the other one left it.
      const isFirst = pair % 2 === 0;
      const first = await clickAround(isFirst ? without : withTracker);
      const second = await clickAround(isFirst ? withTracker : without);
      pairs.push(isFirst ? { without: first, withTracker: second } : { without: second, withTracker: first });
    }
    const all = (which: 'without' | 'withTracker', what: keyof Answered) =>
      pairs.flatMap((pair) => pair[which].map((answered) => answered[what]));
    const rowOf = (which: 'without' | 'withTracker') => ({
      page: which === 'without' ? 'without' : 'with @turnout/sdk',
      'listeners, ms (median)': quantile(all(which, 'listeners'), 0.5).toFixed(2),
      'to the next frame, ms (median)': quantile(all(which, 'paint'), 0.5).toFixed(1),
      p75: quantile(all(which, 'paint'), 0.75).toFixed(1),
      p98: quantile(all(which, 'paint'), 0.98).toFixed(1),
    });
    const apart = pairs.map(
      (pair) =>
        quantile(
          pair.withTracker.map(({ paint }) => paint),
          0.5,
        ) -
        quantile(
          pair.without.map(({ paint }) => paint),
          0.5,
        ),
    );
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(apart, share).toFixed(1));
    return [
      rowOf('without'),
      rowOf('withTracker'),
      {
        page: `apart, in ${PAIRS} pairs of ${CLICKS} clicks`,
        'listeners, ms (median)': '',
        'to the next frame, ms (median)': `${middle} (middle half: ${low} to ${high})`,
        p75: '',
        p98: '',
      },
    ];
  } finally {
    await context.close();
    await site.close();
  }
}

async function clickAround(page: Page): Promise<Answered[]> {
  await page.bringToFront();
  const boxes = page.locator('article');
  for (let n = 0; n < CLICKS; n++) {
    const { x, y } = (await boxes.nth(n).boundingBox()) ?? { x: 0, y: 0 };
    await page.mouse.click(x + 5, y + 5);
    await page.waitForTimeout(30);
  }
  return page.evaluate(() => {
    const { answers } = globalThis as typeof globalThis & { answers: Answered[] };
    return answers.splice(0);
  });
}

/** A feed of tracked cards that answer a click by a change of their own, and a collector. */
async function serve(): Promise<{ url: string; close(): Promise<void> }> {
  const script = await readFile(createRequire(import.meta.url).resolve('@turnout/sdk/t.js'));
  const cards = Array.from(
    { length: CARDS },
    (_, n) =>
      `<article data-track-impression="event:${n}" data-track-click data-track-duration>Card ${n}</article>`,
  ).join('');
  const answerClicks = `<script>
    for (const card of document.querySelectorAll('article')) {
      card.addEventListener('click', () => { card.textContent += '.'; });
    }
  </script>`;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { interactions } = JSON.parse(body) as { interactions: unknown[] };
      response.writeHead(202).end(JSON.stringify({ accepted: interactions.length, rejected: [] }));
      return;
    }
    const isScript = request.url === '/t.js';
    const tag = request.url === '/with' ? '<script defer src="/t.js" data-key="wk_bench"></script>' : '';
    response.writeHead(200, {
      'Content-Type': isScript ? 'text/javascript' : 'text/html',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(
      isScript
        ? script
        : `<!doctype html><title>INP</title>${tag}<section data-track-list="feed">${cards}</section>${answerClicks}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
