import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { bundle, versionOf } from '../delivery/bundle.ts';
import { createSink } from '../delivery/sink.ts';
import { type Tracker, trackers } from '../delivery/trackers.ts';
import { burst, timeCalls, watchClicks } from './in-page.ts';
import { compareAnswers } from './inp.ts';

const GROUPS = 100;
const BURST = 500;
/** Every tracker has sent by then what it gathers. */
const WATCH_MS = 7_000;
const CLICKS = 40;

/** A page that tracks nothing: what the browser itself costs. */
const NOBODY: Tracker = {
  name: 'no tracker',
  packageName: '',
  page: '',
  events: () => [],
  answer: () => ({ body: '' }),
};

/**
 * Measures what tracking costs the main thread of a page in a real Chromium, with every tracker of the delivery
 * bench. Nothing leaves this machine.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { tracker: { type: 'string', default: '' } } });
  const browser = await chromium.launch({
    ...chromiumLaunch,
    args: [...chromiumLaunch.args, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  const rows: object[] = [];
  let answers: object[] = [];
  try {
    for (const tracker of [NOBODY, ...trackers.filter(({ name }) => name.includes(values.tracker))]) {
      const row = await measure(browser, tracker);
      console.log(JSON.stringify(row));
      rows.push(row);
    }
    answers = await compareAnswers(browser);
  } finally {
    await browser.close();
  }
  console.log(`\n${formatTable(rows)}\n\n${formatTable(answers)}`);
}

async function measure(browser: Browser, tracker: Tracker): Promise<object> {
  const isNobody = tracker === NOBODY;
  const script = isNobody ? 'globalThis.track = () => {}' : await bundle(tracker);
  const sink = await createSink(tracker);
  const site = await serve(script, sink.url);
  const visit = async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(site.url);
    await page.waitForFunction('typeof track === "function"');
    await page.waitForTimeout(1_000); // Until it has started: that is a cost of its own.
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    const busyMs = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
    };
    return { context, page, busyMs };
  };
  try {
    const calls = await visit();
    await calls.page.evaluate(timeCalls, 20); // Warm.
    const before = await calls.busyMs();
    const took = await calls.page.evaluate(timeCalls, GROUPS);
    await calls.page.waitForTimeout(WATCH_MS);
    const busy = (await calls.busyMs()) - before;
    await calls.context.close();

    const bursts = await visit();
    const { call, longest } = await bursts.page.evaluate(burst, { count: BURST, watchMs: WATCH_MS });
    await bursts.context.close();

    const clicks = await visit();
    await clicks.page.evaluate(watchClicks);
    for (let n = 0; n < CLICKS; n++) {
      await clicks.page.mouse.click(50, 50);
      await clicks.page.waitForTimeout(50);
    }
    await clicks.page.waitForTimeout(500);
    const timed = await clicks.page.evaluate(
      () => (globalThis as typeof globalThis & { clicks: { handler: number; duration: number }[] }).clicks,
    );
    await clicks.context.close();
    return {
      tracker: isNobody ? tracker.name : `${tracker.packageName} ${await versionOf(tracker)}`,
      'track(), µs': median(took.map(({ further }) => further)).toFixed(1),
      'first in a task, µs': median(took.map(({ first }) => first)).toFixed(0),
      'main thread in all, µs': ((busy / (GROUPS * 10)) * 1_000).toFixed(0),
      '500 at once, ms': call.toFixed(1),
      'longest task, ms': longest ? longest.toFixed(0) : '< 50',
      'click handler, ms': median(timed.map(({ handler }) => handler)).toFixed(2),
      'INP, ms': Math.max(0, ...timed.map(({ duration }) => duration)).toFixed(0),
    };
  } finally {
    await site.close();
    await sink.close();
  }
}

async function serve(script: string, endpoint: string): Promise<{ url: string; close(): Promise<void> }> {
  const html = `<!doctype html><title>Cost</title><body><script src="/tracker.js" data-endpoint="${endpoint}"></script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/tracker.js';
    response.writeHead(200, {
      'Content-Type': isScript ? 'text/javascript' : 'text/html',
      // Only an isolated page has a clock that is fine enough: 5 µs instead of 100.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'credentialless',
    });
    response.end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
