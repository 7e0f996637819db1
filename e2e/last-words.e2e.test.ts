import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';
import { aDataDirWithTables, startCollector } from './collector.ts';

const { openContext } = aBrowserForThisFile();

/** What listens for the end of the page is told of it after the tracker. */
const PAGE = `<!doctype html><title>Shows</title>
<script defer src="/t-all.js" data-key="wk_demo" data-auto="errors"></script>
<script>
addEventListener('load', () => {
  const say = (name) => turnout('track', 'click', { name });
  addEventListener('pagehide', () => { say('pagehide'); say('pagehide, once more'); });
  addEventListener('pagehide', () => say('pagehide, captured'), true);
  document.addEventListener('visibilitychange', () => say('visibilitychange'));
  setTimeout(() => { throw new Error('of the page'); });
});
</script>`;

test.each([
  ['another site', (url: string) => url.replace('127.0.0.1', 'localhost')],
  ['nothing at all', () => 'about:blank'],
])('what is recorded while a page goes to %s arrives', async (_where, next) => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const site = join(dataDir, 'site');
  await mkdir(site);
  await writeFile(join(site, 'page.html'), PAGE);
  await writeFile(join(site, 'index.html'), '<!doctype html><title>Elsewhere</title>');
  const collector = await startCollector(dataDir, ['--site', site]);
  onTestFinished(() => collector.kill());
  const page = await (await openContext()).newPage();
  const failed = page.waitForEvent('pageerror');
  await page.goto(`${collector.url}/page.html`);
  await failed;
  // The SDK has begun to listen, and has sent what came before.
  await page.evaluate('turnout("flush")');

  await page.goto(next(collector.url));

  const recorded = () =>
    collector.query<{ name: string }>(
      `SELECT name FROM interactions WHERE type IN ('click', 'custom') ORDER BY name`,
    );
  await expect
    .poll(recorded)
    .toEqual(
      ['js_error', 'pagehide', 'pagehide, captured', 'pagehide, once more', 'visibilitychange'].map(
        (name) => ({ name }),
      ),
    );
});
