import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Batch } from '@turnout/schema/wire';
import { expect, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';

const { openContext } = aBrowserForThisFile();
const SCRIPT = readFileSync(createRequire(import.meta.url).resolve('@turnout/sdk/t.js'), 'utf8');
const PAGE = `<!doctype html><title>Shows</title>
<script defer src="/t.js" data-key="wk_sub" data-cookie-domain="example.test"></script>`;

test('one visitor and one session on all subdomains, and nobody elsewhere', async () => {
  const context = await openContext();
  const batches = new Map<string, Batch[]>();
  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.pathname === '/t.js') return route.fulfill({ contentType: 'text/javascript', body: SCRIPT });
    if (url.pathname !== '/v1/interactions') return route.fulfill({ contentType: 'text/html', body: PAGE });
    const batch: Batch = JSON.parse(route.request().postData() ?? '');
    batches.set(url.hostname, [...(batches.get(url.hostname) ?? []), batch]);
    await route.fulfill({
      status: 202,
      body: JSON.stringify({ accepted: batch.interactions.length, rejected: [] }),
    });
  });
  const page = await context.newPage();
  const ids = async (host: string) => {
    await page.goto(`http://${host}/`);
    await page.waitForFunction('window.turnout?.tracker');
    await page.evaluate('turnout("flush")');
    await expect.poll(() => batches.get(host)?.length ?? 0).toBeGreaterThan(0);
    const batch = batches.get(host)?.at(-1);
    return { visitor_id: batch?.visitor_id, session_id: batch?.session_id };
  };

  const shows = await ids('shows.example.test');
  const tickets = await ids('tickets.example.test');
  const stranger = await ids('stranger.test');

  expect(tickets).toEqual(shows);
  expect(stranger.visitor_id).not.toBe(shows.visitor_id);
  const stored = await context.cookies('http://shows.example.test');
  expect(stored.map(({ domain }) => domain)).toEqual(['.example.test', '.example.test']);
});

test('a refusal on one subdomain is obeyed by a tab that is open on another', async () => {
  const context = await openContext();
  const names: (string | undefined)[] = [];
  await context.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/t.js') return route.fulfill({ contentType: 'text/javascript', body: SCRIPT });
    if (pathname !== '/v1/interactions') return route.fulfill({ contentType: 'text/html', body: PAGE });
    const { interactions }: Batch = JSON.parse(route.request().postData() ?? '');
    names.push(...interactions.map(({ name }) => name));
    await route.fulfill({ status: 202, body: JSON.stringify({ accepted: 1, rejected: [] }) });
  });
  const open = async (host: string) => {
    const page = await context.newPage();
    await page.goto(`http://${host}/`);
    await page.waitForFunction('window.turnout?.tracker');
    return page;
  };
  const [shows, tickets] = [await open('shows.example.test'), await open('tickets.example.test')];
  await tickets.evaluate('turnout("track", "waits")');

  await shows.evaluate('turnout("consent", "denied")');
  await expect.poll(() => tickets.evaluate('turnout("consent")')).toBe('denied');
  await tickets.evaluate('turnout("track", "after")');
  await tickets.evaluate('turnout("flush")');

  expect(names.filter(Boolean)).toEqual([]);
  const stored = await context.cookies('http://tickets.example.test');
  expect(stored.map(({ value }) => value)).toEqual([expect.stringMatching(/^denied%20\d{13}$/)]);
});
