import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';
import { aDataDirWithTables, startCollector } from './collector.ts';

const { openContext } = aBrowserForThisFile();

interface Sri {
  file: string;
  integrity: string;
}

async function aCollector() {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  return collector;
}

/** A page of another origin, under the strictest policy that lets a script and its requests through. */
async function aStrictPage(collector: string, tag: string, connect = collector): Promise<string> {
  const policy = [
    "default-src 'none'",
    `script-src ${collector}`,
    `connect-src ${connect}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
    response.end(
      `<!doctype html><title>Strict</title>${tag}<button data-track="like" data-track-entity="event:42">Like</button>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

/** Opens a page and collects what the browser says about its policy, and what the console says. */
async function visit(url: string) {
  const page = await (await openContext()).newPage();
  const said: string[] = [];
  const errors: string[] = [];
  page.on('console', (message) => (message.type() === 'error' ? errors : said).push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.addInitScript(() => {
    Object.assign(window, { violations: [] });
    document.addEventListener('securitypolicyviolation', (event) => {
      const { violations } = window as Window & { violations?: string[] };
      violations?.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(url);
  const violations = () => page.evaluate(() => (window as Window & { violations?: string[] }).violations);
  return { page, said, errors, violations };
}

test('records under a strict Content-Security-Policy with Trusted Types, by a pinned script', async () => {
  const collector = await aCollector();
  const sri: Sri = JSON.parse(
    await readFile(new URL('../packages/sdk/dist/sri.json', import.meta.url), 'utf8'),
  );
  const src = `${collector.url}/${sri.file}`;
  const url = await aStrictPage(
    collector.url,
    `<script defer src="${src}" integrity="${sri.integrity}" crossorigin data-key="wk_demo"></script>`,
  );

  const { page, errors, violations } = await visit(url);
  await page.getByRole('button').click();

  const types = async () =>
    (await collector.query<{ type: string }>('SELECT DISTINCT type FROM interactions ORDER BY type')).map(
      ({ type }) => type,
    );
  await expect.poll(types, { timeout: 60_000 }).toEqual(expect.arrayContaining(['like', 'page_view']));
  expect(await violations()).toEqual([]);
  expect(errors).toEqual([]);
});

test('shows the panel under the same policy, styled, with the words of the collector', async () => {
  const collector = await aCollector();
  const tag = `<script defer src="${collector.url}/t.js" data-key="wk_demo"></script>`;
  const url = await aStrictPage(collector.url, tag);

  const { page, said, errors, violations } = await visit(`${url}/?turnout_debug`);
  await page.getByRole('button').click();

  const summary = page.locator('turnout-debug summary');
  await expect
    .poll(() => summary.textContent(), { timeout: 60_000 })
    .toMatch(/^Turnout wk_demo: [2-9] recorded, 0 queued, [2-9] sent, 0 rejected, 0 dropped$/);
  expect(await page.locator('turnout-debug').evaluate((host) => getComputedStyle(host).position)).toBe(
    'fixed',
  );
  expect(said.join('\n')).toMatch(/recorded like [\s\S]+the collector has them on disk/);
  expect(await violations()).toEqual([]);
  expect(errors).toEqual([]);
});

test('t.js?check reports that an installation works, and why one does not', async () => {
  const collector = await aCollector();
  const check = async (key: string, connect?: string) => {
    const tag = `<script defer src="${collector.url}/t.js?check" data-key="${key}"></script>`;
    const { said } = await visit(await aStrictPage(collector.url, tag, connect));
    await expect
      .poll(() => said.find((text) => text.includes('Installation of')) ?? '', { timeout: 60_000 })
      .toContain('[turnout]');
    return said.find((text) => text.includes('Installation of'));
  };

  const good = await check('wk_demo');
  expect(good).toContain(`ok  ${collector.url} answers.`);
  expect(good).toContain('ok  The write key "wk_demo" is known.');
  expect(good).toContain('ok  Its site takes interactions from http://localhost:');
  expect(good).toContain('ok  IndexedDB works');
  expect(good).toContain("ok  Nothing that Turnout needs is blocked by the page's Content-Security-Policy.");
  expect(await check('wk_other')).toContain(
    'NO  The write key "wk_other" is refused: No site has this write key.',
  );
  expect(await check('wk_demo', "'self'")).toContain(
    `NO  The page's Content-Security-Policy blocks: connect-src ${collector.url}`,
  );
});
