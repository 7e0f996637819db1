import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile } from './browser.ts';
import { aDataDirWithTables, startCollector } from './collector.ts';

const { openContext } = aBrowserForThisFile();
const APP = fileURLToPath(new URL('../examples/next-app', import.meta.url));
const NEXT = createRequire(`${APP}/package.json`).resolve('next/dist/bin/next');

function next(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [NEXT, ...args], {
    cwd: APP,
    // It tells nobody about it, and builds as it would for users, whatever runs the tests.
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.text += text;
    });
  }
  return { child, output };
}

async function build(): Promise<void> {
  const { child, output } = next(['build']);
  const [code] = await once(child, 'exit');
  expect(code, output.text).toBe(0);
}

/** Serves what was built, with its route to a collector. */
async function serve(collectorUrl: string): Promise<string> {
  const { child, output } = next(['start', '-H', '127.0.0.1', '-p', '0'], { TURNOUT_UPSTREAM: collectorUrl });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const url = () => /Local:\s+(http:\S+)/.exec(output.text)?.[1];
  await expect.poll(url, { timeout: 60_000 }).toBeDefined();
  return url() ?? '';
}

test('a built Next.js app records each page once, after a yes, through its own origin', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  await build();
  const url = await serve(collector.url);
  const rows = (where = '1') =>
    collector.query<Record<string, unknown>>(
      `SELECT type, page_path AS path, if(entity_type = '', '', concat(entity_type, ':', entity_id)) AS entity,
              list_id AS list, position, surface, genre
       FROM interactions WHERE ${where} ORDER BY occurred_at, id`,
    );
  const until = (type: string, count: number) =>
    expect.poll(async () => (await rows(`type = '${type}'`)).length, { timeout: 60_000 }).toBe(count);

  // One who agrees, but not at once.
  const context = await openContext();
  await context.route('https://tickets.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: 'shop' }),
  );
  const page = await context.newPage();
  const told: string[] = [];
  const asked = new Set<string>();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && told.push(message.text()));
  page.on('pageerror', (error) => told.push(String(error)));
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (request.method() === 'POST') asked.add(`${origin === new URL(url).origin ? '' : origin}${pathname}`);
  });
  await page.goto(url);
  await page.getByRole('complementary', { name: 'Consent' }).waitFor();
  await page.getByRole('link', { name: 'Night Ferry' }).click();
  await page.getByRole('heading', { name: 'Night Ferry' }).waitFor();
  expect(await rows()).toEqual([]);
  expect([...asked]).toEqual([]);
  await page.getByRole('button', { name: 'Yes' }).click();
  await until('page_view', 2);
  await page.getByRole('link', { name: 'Tonight' }).click();
  await until('page_view', 3);
  await until('impression', 2);
  await page.getByRole('link', { name: 'Tickets' }).first().click();
  await until('ticket_click', 1);
  await context.close();

  const home = { path: '/', list: 'tonight', surface: 'feed' };
  const lanterns = { ...home, entity: 'event:42', position: 0, genre: 'folk' };
  const ferry = { ...home, entity: 'event:43', position: 1, genre: 'jazz' };
  expect((await rows(`type = 'page_view'`)).map(({ path }) => path)).toEqual(['/', '/events/43', '/']);
  expect(await rows(`type = 'click'`)).toEqual([{ type: 'click', ...ferry }]);
  expect(await rows(`type = 'impression'`)).toEqual(
    expect.arrayContaining([
      { type: 'impression', ...lanterns },
      { type: 'impression', ...ferry },
    ]),
  );
  expect(await rows(`type = 'ticket_click'`)).toEqual([{ type: 'ticket_click', ...lanterns, genre: '' }]);
  // <Track> around what a server component rendered: the view of the page's details, opened once.
  expect(await rows(`type = 'view' AND part = 0`)).toEqual([
    {
      type: 'view',
      path: '/events/43',
      entity: 'event:43',
      list: '',
      position: null,
      surface: 'event_page',
      genre: 'jazz',
    },
  ]);
  expect([...asked]).toEqual(['/t/v1/interactions']);
  expect(told).toEqual([]);

  // One who does not.
  const before = (await rows()).length;
  const other = await openContext();
  const refused = await other.newPage();
  const posts: string[] = [];
  refused.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  await refused.goto(url);
  await refused.getByRole('button', { name: 'No' }).click();
  await refused.getByRole('link', { name: 'The Lanterns' }).click();
  await refused.getByRole('heading', { name: 'The Lanterns' }).waitFor();
  await refused.goto(url);
  await refused.getByRole('heading', { name: 'Tonight in town' }).waitFor();
  expect(await refused.getByRole('complementary', { name: 'Consent' }).count()).toBe(0);
  await other.close();
  expect(posts).toEqual([]);
  expect(await rows()).toHaveLength(before);
}, 300_000);
