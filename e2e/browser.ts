import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, type TestContext } from 'vitest';
import { chromiumLaunch } from '../scripts/chromium.ts';

/** Opens a context of the browser that is gone with its test. A test beside others says which it is. */
export type OpenContext = (test?: Pick<TestContext, 'onTestFinished'>) => Promise<BrowserContext>;

/** A real Chromium for the tests of one file. */
export function aBrowserForThisFile(): { openContext: OpenContext } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(chromiumLaunch);
  });
  afterAll(() => browser?.close());
  return {
    async openContext(test = { onTestFinished }) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      test.onTestFinished(() => context.close());
      return context;
    },
  };
}

/** Ids of the entities whose cards show at least half of themselves now. */
export function cardsInSight(page: Page, selector: string, attribute: string): Promise<string[]> {
  return page.locator(selector).evaluateAll(
    (cards, name) =>
      cards
        .filter((card) => {
          const { top, bottom, height } = card.getBoundingClientRect();
          return Math.min(bottom, innerHeight) - Math.max(top, 0) >= height / 2;
        })
        .map((card) => card.getAttribute(name) ?? ''),
    attribute,
  );
}
