import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { chromiumLaunch } from '../scripts/chromium.ts';

/** A real Chromium for the tests of one file. */
export function aBrowserForThisFile(): { openContext(): Promise<BrowserContext> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(chromiumLaunch);
  });
  afterAll(() => browser?.close());
  return {
    async openContext() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      onTestFinished(() => context.close());
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
