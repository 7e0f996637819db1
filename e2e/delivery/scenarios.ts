/**
 * What a visit can run into. Each scenario tracks the numbers 1 to 100, and leaves the trouble behind.
 */
import type { Page } from 'playwright-core';
import type { Stage } from './stage.ts';
import { expectUntil } from './until.ts';

export interface Scenario {
  name: string;
  /** All arrives while the page stays open; else only one return visit later. */
  staysOpen?: boolean;
  /** Resolves with the numbers that have to arrive. */
  play(stage: Stage): Promise<readonly number[]>;
}

/** Every scenario tracks the numbers from 1 to this. */
export const LAST = 100;
const HALF = LAST / 2;
const ALL: readonly number[] = Array.from({ length: LAST }, (_, index) => index + 1);

const recordAll = (page: Page) => page.evaluate((last) => record(1, last), LAST);

const recordEvenly = (page: Page, from: number, to: number, ms: number) =>
  page.evaluate(([first, last, time]) => recordOver(first, last, time), [from, to, ms] as const);

/** Tracks up to `last` in one task, and leaves in the same: nothing has been stored or sent. */
const recordAndLeave = (page: Page, last: number, leave: string) =>
  // The page that would answer may be gone.
  page.evaluate(`record(1, ${last}); ${leave}`).catch(() => {});

/** Waits until the page's requests have met trouble, so that no scenario passes for want of it. */
const metTrouble = ({ proxy }: Stage) => expectUntil('a request met the fault', () => proxy.met() > 0);

/** An open page that goes on while the network fails, and after. */
const whileOpen = (fault: 'unavailable' | 'reset' | 'refuse' | 'cut') => async (stage: Stage) => {
  const page = await stage.open();
  // A first delivery in peace leaves a connection for reuse: Chromium itself repeats what breaks on one.
  const delivered = page.waitForEvent('requestfinished');
  await page.evaluate((last) => record(1, last), 10);
  await delivered;
  await stage.proxy.inject(fault);
  await Promise.all([
    // Who is refused never reaches the proxy: only the page knows.
    fault === 'refuse' ? page.waitForEvent('requestfailed') : metTrouble(stage),
    recordEvenly(page, 11, LAST, stage.windowMs),
  ]);
  await stage.proxy.inject('none');
  return ALL;
};

/** A page whose browser is killed while it tracks and sends. */
async function killHalfway(stage: Stage, fault: 'none' | 'drop'): Promise<readonly number[]> {
  const page = await stage.open();
  await stage.proxy.inject(fault);
  void recordEvenly(page, 1, LAST, stage.windowMs).catch(() => {}); // It ends with the browser.
  await expectUntil('half would survive', () => stage.safe().length > HALF);
  if (fault !== 'none') await metTrouble(stage);
  const safe = stage.safe();
  await stage.visitor.crash();
  return safe;
}

/** A page that is closed once its first request met the fault. */
const closedDuring = (fault: 'error' | 'stall' | 'drop' | 'cut') => async (stage: Stage) => {
  const page = await stage.open();
  await stage.proxy.inject(fault);
  await recordAll(page);
  await metTrouble(stage);
  await page.close();
  return ALL;
};

export const scenarios: readonly Scenario[] = [
  {
    name: 'normal',
    staysOpen: true,
    async play({ open, windowMs }) {
      await recordEvenly(await open(), 1, LAST, windowMs);
      return ALL;
    },
  },
  {
    name: 'tab closed right after',
    async play({ open }) {
      const opener = await open();
      // Only what a script opened may close itself, in the very task that tracks.
      const [tab] = await Promise.all([
        opener.waitForEvent('popup'),
        opener.evaluate(() => void window.open('/')),
      ]);
      await tab.waitForLoadState();
      await recordAndLeave(tab, LAST, 'window.close()');
      await expectUntil('the tab is closed', () => tab.isClosed());
      await opener.close();
      return ALL;
    },
  },
  {
    name: 'navigation right after',
    async play({ open }) {
      const page = await open();
      await recordAndLeave(page, LAST, "location.assign('/elsewhere')");
      await page.waitForURL('**/elsewhere');
      await page.close();
      return ALL;
    },
  },
  {
    name: 'browser killed',
    play: (stage) => killHalfway(stage, 'none'),
  },
  {
    name: 'browser killed before it heard an answer',
    play: (stage) => killHalfway(stage, 'drop'),
  },
  { name: '503 for a while', staysOpen: true, play: whileOpen('unavailable') },
  { name: 'resets for a while, online', staysOpen: true, play: whileOpen('reset') },
  { name: 'connection refused for a while', staysOpen: true, play: whileOpen('refuse') },
  {
    name: 'offline, closed, reopened online',
    async play({ open, visitor, proxy, windowMs }) {
      const page = await open();
      await visitor.setOffline(true);
      // What outlives its page is no longer held back by the page's own cable.
      await proxy.inject('refuse');
      await recordEvenly(page, 1, LAST, windowMs);
      await page.close();
      await visitor.setOffline(false);
      await proxy.inject('none');
      return ALL;
    },
  },
  {
    name: 'answer cut after processing',
    staysOpen: true,
    play: whileOpen('cut'),
  },
  { name: 'answer cut, then closed', play: closedDuring('cut') },
  { name: 'answer never comes, then closed', play: closedDuring('drop') },
  { name: 'stalled, then closed', play: closedDuring('stall') },
  { name: '500 at once, then closed', play: closedDuring('error') },
  {
    name: 'slow, and closed under way',
    async play(stage) {
      const page = await stage.open();
      await stage.proxy.inject('slow');
      await recordEvenly(page, 1, LAST, stage.windowMs);
      await metTrouble(stage);
      await page.close();
      return ALL;
    },
  },
  {
    name: 'two tabs, closed together',
    async play({ open, windowMs }) {
      const [one, two] = [await open(), await open()];
      await Promise.all([recordEvenly(one, 1, HALF, windowMs), recordEvenly(two, HALF + 1, LAST, windowMs)]);
      await Promise.all([one.close(), two.close()]);
      return ALL;
    },
  },
  {
    name: 'storage refused',
    staysOpen: true,
    play(stage) {
      stage.refuseStorage();
      return whileOpen('unavailable')(stage);
    },
  },
  {
    name: 'back from the back/forward cache',
    staysOpen: true,
    async play({ open, windowMs }) {
      const page = await open();
      await page.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
      });
      await recordAndLeave(page, HALF, "location.assign('/elsewhere')");
      await page.waitForURL('**/elsewhere');
      // A page from the cache never loads again: waiting for `load` would take for ever.
      await page.goBack({ waitUntil: 'commit' });
      const isBack = await page.evaluate(() => (window as { persisted?: boolean }).persisted);
      if (!isBack) throw new Error('The page did not come from the back/forward cache.');
      await recordEvenly(page, HALF + 1, LAST, windowMs);
      return ALL;
    },
  },
];
