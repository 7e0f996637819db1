import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile, cardsInSight } from './browser.ts';
import { aDataDir, type RunningCollector, runTurnout, startCollector } from './collector.ts';

const SITE = fileURLToPath(new URL('../examples/react-feed/dist', import.meta.url));
const { openContext } = aBrowserForThisFile();

interface Stored {
  type: string;
  entity: string;
  surface: string;
  name: string;
  list: string;
  position: number | null;
  part: number;
  undo: number;
  result_count: string;
}

/** Without the time that pages were attended, which depends on the machine. */
const stored = (collector: RunningCollector) =>
  collector.query<Stored>(
    `SELECT type, name, list_id AS list, position, if(entity_type = '', '', concat(entity_type, ':', entity_id)) AS entity, surface, part,
            toUInt8(undo) AS undo, toString(props.result_count) AS result_count
     FROM interactions WHERE entity_type != 'page' ORDER BY occurred_at, id`,
  );

test('a visit to the React feed becomes exact rows and daily counts, in production React', async () => {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  const collector = await startCollector(dataDir, ['--site', SITE]);
  onTestFinished(() => collector.kill());
  const context = await openContext();
  // Ticket shops are somebody else's pages.
  await context.route('https://*.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: 'shop' }),
  );
  const page = await context.newPage();
  const count = async (type: string) => (await stored(collector)).filter((row) => row.type === type).length;

  await page.goto(collector.url);
  await page.locator('[data-event]').first().waitFor();
  const seen = await cardsInSight(page, '[data-event]:has(.card-open)', 'data-event');
  await expect.poll(() => count('impression'), { timeout: 20_000 }).toBeGreaterThan(0);

  await page.getByRole('button', { name: 'Paper Moons' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Likely setlist').click();
  await dialog.getByText(/^Reviews/).click();
  await dialog.getByRole('button', { name: /Like/ }).click();
  await dialog.getByLabel('Your review').fill('Loud, late, lovely.');
  await dialog.getByRole('button', { name: 'Post review' }).click();
  await dialog.getByRole('button', { name: 'Share' }).click();
  await expect.poll(() => count('view'), { timeout: 20_000 }).toBe(1);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const card = page.locator('[data-event="paper-moons"]');
  await card.getByRole('button', { name: 'I’m interested' }).click();
  await card.getByRole('button', { name: 'Interested' }).click();
  const shop = context.waitForEvent('page');
  await card.getByRole('link', { name: /Tickets/ }).click();
  await (await shop).close();

  await page.getByRole('button', { name: 'reviews' }).click();
  await page.locator('[data-review]').first().waitFor();
  await page.getByRole('button', { name: 'events' }).click();
  await card.getByRole('button', { name: 'The Mohawk' }).click();
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByRole('button', { name: 'All concerts' }).click();

  await page.getByRole('searchbox').fill('jazz');
  await expect.poll(() => count('search'), { timeout: 20_000 }).toBe(1);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: /^Buy from/ }).click();
  await page.getByRole('button', { name: 'Buy now' }).click();
  await page.locator('[data-order]').waitFor();
  await page.close();

  // What the closed tab could not send goes out at the next visit.
  const again = await context.newPage();
  await again.goto(collector.url);
  await expect.poll(() => count('purchase'), { timeout: 30_000 }).toBe(1);
  await expect.poll(() => count('page_view'), { timeout: 30_000 }).toBe(2);
  await context.close();
  const verified = await runTurnout(['verify', '--data-dir', dataDir]);
  expect(verified).toMatchObject({
    code: 0,
    out: expect.stringContaining('Every rollup equals its recount'),
  });

  const rows = await stored(collector);
  const of = (type: string) => rows.filter((row) => row.type === type);
  expect(of('click').filter(({ name }) => name === 'load_more')).toHaveLength(1);
  expect(of('click').filter(({ name }) => !name)).toMatchObject([
    { entity: 'event:paper-moons', surface: 'feed', list: 'home-feed', position: 0 },
    { entity: 'venue:mohawk', surface: 'feed', list: 'home-feed', position: 0 },
  ]);
  // Besides the end of a view there is a part every 15 seconds, which depends on the machine.
  expect(of('view').filter(({ part }) => part === 0)).toMatchObject([
    { entity: 'event:paper-moons', surface: 'event_modal' },
    { entity: 'venue:mohawk', surface: 'venue_page' },
  ]);
  for (const entity of ['event:paper-moons', 'venue:mohawk']) {
    expect(of('view').filter((row) => row.entity === entity).length).toBeGreaterThan(1);
  }
  expect(of('like')).toMatchObject([
    { entity: 'review:r-1', surface: 'event_modal', list: 'event-reviews', position: 0 },
  ]);
  expect(of('review')).toMatchObject([{ entity: 'event:paper-moons', surface: 'event_modal' }]);
  expect(of('share')).toMatchObject([{ entity: 'event:paper-moons', surface: 'event_modal' }]);
  expect(of('follow')).toMatchObject([{ entity: 'venue:mohawk', surface: 'venue_page', undo: 0 }]);
  expect(of('custom').map(({ name }) => name)).toEqual(['tab_change', 'tab_change']);
  expect(of('exposure')).toHaveLength(1);
  expect(of('funnel_step')).toHaveLength(1);
  expect(of('interest')).toMatchObject([{ undo: 0 }, { undo: 1 }]);
  expect(of('ticket_click')).toMatchObject([{ entity: 'event:paper-moons' }]);
  expect(of('search')).toMatchObject([{ result_count: expect.stringMatching(/^[1-9]/) }]);
  expect(of('checkout_start')).toHaveLength(1);
  expect(of('purchase')).toMatchObject([{ entity: 'event:augustine-five' }]);
  const feed = of('impression')
    .filter(({ surface }) => surface === 'feed')
    .map(({ entity }) => entity.replace('event:', ''));
  expect(feed).toEqual(expect.arrayContaining(seen.slice(0, 3)));

  const [daily] = await collector.query<Record<string, number>>(
    `SELECT toUInt32(clicks) AS clicks, toInt32(interested_count) AS interested, toUInt32(views) AS views,
            toUInt32(ticket_link_clicks) AS tickets FROM event_daily WHERE event_id = 'paper-moons'`,
  );
  // Interest given and taken back comes to nothing.
  expect(daily).toEqual({ clicks: 1, interested: 0, views: 1, tickets: 1 });
  expect(
    await collector.query(
      'SELECT site_id, id, count() AS times FROM interactions GROUP BY site_id, id HAVING times > 1',
    ),
  ).toEqual([]);
}, 120_000);
