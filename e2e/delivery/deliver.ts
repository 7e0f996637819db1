import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type RunningCollector, runTurnout } from '../collector.ts';
import { type Ledger, readLedger } from './ledger.ts';
import type { Scenario } from './scenarios.ts';
import { createStage } from './stage.ts';
import { until } from './until.ts';

/** What a scenario came to. */
export interface Tally {
  sent: number;
  /** Numbers that did not arrive. */
  lost: number[];
  /** Numbers that stand in raw more than once. */
  doubled: number[];
  rollups: Ledger['rollups'];
  /** Whether `turnout verify` found every rollup equal to its recount, and else what it said. */
  verified: { code: number | null; out: string };
}

/** The built script, as the script tag loads it. */
const SCRIPT = fileURLToPath(new URL('../../packages/sdk/dist/t.js', import.meta.url));
const WRITE_KEY = 'wk_demo';
/** A crash of the browser must not take what was tracked this long before. */
const SAFE_AFTER_MS = 1_000;

/** Plays a scenario against a collector, through the return visit if it has one, and counts. */
export async function deliver(
  scenario: Scenario,
  collector: RunningCollector,
  windowMs: number,
): Promise<Tally> {
  const event = `e${randomUUID()}`;
  const script = await readFile(SCRIPT, 'utf8');
  const stage = await createStage({
    upstream: collector.url,
    windowMs,
    page: (endpoint) => ({ head: head(event, endpoint), scripts: { '/t.js': script } }),
    // Before the blow the page said that the number's transaction was complete, or its `track()` returned a
    // second before. What was tracked in the last milliseconds may go down with the browser: only a write
    // that blocks the page could save that.
    safe: ({ recorded, committed }) =>
      new Set([
        ...committed,
        ...[...recorded].filter(([, at]) => at < Date.now() - SAFE_AFTER_MS).map(([n]) => n),
      ]),
  });
  try {
    const sent = await scenario.play(stage);
    await stage.proxy.inject('none');
    const page = scenario.staysOpen ? stage.lastPage() : await stage.open();
    // The queue has to be empty, too: what still waits there might arrive a second time.
    await until(async () => (await isQueueEmpty(page)) && (await arrived(sent, collector, event)));
    await stage.visitor.close();
    await until(() => stage.proxy.underWay() === 0);
    const verified = await verify(collector);
    const { times, rollups } = await readLedger(collector, event);
    return {
      sent: sent.length,
      lost: sent.filter((n) => !times.has(n)),
      doubled: [...times].filter(([, count]) => count > 1).map(([n]) => n),
      rollups,
      verified,
    };
  } finally {
    await stage.close();
  }
}

const head = (event: string, endpoint: string) => `
  <script defer src="/t.js" data-key="${WRITE_KEY}" data-endpoint="${endpoint}" data-page-views="false"></script>
  <script>
    const track = (n) => turnout('track', n % 2 ? 'ticket_click' : 'numbered', { entity: 'event:${event}', props: { n } });
  </script>`;

async function arrived(
  sent: readonly number[],
  collector: RunningCollector,
  event: string,
): Promise<boolean> {
  const { times } = await readLedger(collector, event);
  return sent.every((n) => times.has(n));
}

/** Whether nothing waits in the browser. Where storage is refused only arrival can tell. */
const isQueueEmpty = (page: Page): Promise<boolean> =>
  page.evaluate(async (key) => {
    try {
      if (Object.keys(localStorage).some((name) => name.startsWith(`turnout:${key}:spill:`))) return false;
      return await new Promise<boolean>((resolve, reject) => {
        const opening = indexedDB.open(`turnout-${key}`);
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => opening.result.createObjectStore('queue');
        opening.onsuccess = () => {
          const count = opening.result.transaction('queue').objectStore('queue').count();
          count.onsuccess = () => resolve(count.result === 0);
          count.onerror = () => reject(count.error);
          opening.result.close();
        };
      });
    } catch {
      return true;
    }
  }, WRITE_KEY);

let lastVerification: Promise<unknown> = Promise.resolve();

/** `turnout verify`. A collector runs one at a time, so scenarios that play side by side take turns. */
function verify({ dataDir }: RunningCollector): Promise<Tally['verified']> {
  const verification = lastVerification.then(async () => {
    const { code, out } = await runTurnout(['verify', '--data-dir', dataDir]);
    return { code, out };
  });
  lastVerification = verification.catch(() => {});
  return verification;
}
