import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aBrowserForThisFile, cardsInSight } from './browser.ts';
import { aDataDirWithTables, type RunningCollector, runTurnout, startCollector } from './collector.ts';

const SITE = fileURLToPath(new URL('../examples/venue-site', import.meta.url));
const CARDS = '[data-track-impression]';
const { openContext } = aBrowserForThisFile();

async function aCollector(): Promise<RunningCollector> {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir, ['--site', SITE]);
  onTestFinished(() => collector.kill());
  return collector;
}

interface Stored {
  type: string;
  entity: string;
  surface: string;
  position: number | null;
  part: number;
  duration_ms: number;
  ts_ms: number;
}

const stored = (collector: RunningCollector) =>
  collector.query<Stored>(
    `SELECT type, if(entity_type = '', '', concat(entity_type, ':', entity_id)) AS entity, surface, position, part,
            duration_ms, toFloat64(toUnixTimestamp64Milli(ts)) AS ts_ms
     FROM interactions ORDER BY occurred_at, id`,
  );

const countByType = (rows: Stored[]) => {
  const counts: Record<string, number> = {};
  for (const { type } of rows) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

test('a visit to the venue site becomes exact rows, exact daily counts and the score by the formula', async () => {
  const collector = await aCollector();
  const context = await openContext();
  const page = await context.newPage();

  // What is in sight for a second is seen; what a jump passes over is not.
  await page.goto(collector.url);
  const atTop = await cardsInSight(page, CARDS, 'data-track-impression');
  await expect
    .poll(async () => countByType(await stored(collector)).impression, { timeout: 60_000 })
    .toBe(atTop.length);
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
  const atBottom = await cardsInSight(page, CARDS, 'data-track-impression');
  const seen = new Set([...atTop, ...atBottom]);
  await expect
    .poll(async () => countByType(await stored(collector)).impression, { timeout: 60_000 })
    .toBe(seen.size);

  // The dialog: opened and looked at, interest marked, closed; then the tickets, which leave the page.
  await page.getByRole('button', { name: 'Mara Voss' }).click();
  await page.getByRole('button', { name: 'I’m interested' }).click();
  await expect
    .poll(
      async () =>
        (await stored(collector)).filter(({ type, entity }) => type === 'view' && !entity.startsWith('page:'))
          .length,
      {
        timeout: 60_000,
      },
    )
    .toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Close' }).click();
  await page
    .locator(`article${CARDS}`)
    .first()
    .getByRole('link', { name: /Tickets/ })
    .click();
  await page.getByLabel('Tickets').selectOption('2');
  await page.getByRole('button', { name: 'Buy tickets' }).click();
  await page.getByText('See you there').waitFor();
  // Thanked twice for one order.
  await page.reload();
  await page.getByText('See you there').waitFor();
  await page.close();

  // What the closed tab could not send waits for the next visit.
  const again = await context.newPage();
  await again.goto(`${collector.url}/tickets.html`);
  await again.getByText('Which concert?').waitFor();
  const expected = {
    page_view: 5,
    impression: seen.size,
    click: 1,
    view: 2,
    interest: 1,
    ticket_click: 1,
    checkout_start: 1,
    purchase: 1,
  };
  await expect
    .poll(async () => countByType(await storedOfThings(collector)), { timeout: 60_000 })
    .toEqual(expected);
  await context.close();
  const verified = await runTurnout(['verify', '--data-dir', collector.dataDir]);
  expect(verified).toMatchObject({
    code: 0,
    out: expect.stringContaining('Every rollup equals its recount'),
  });

  const rows = await storedOfThings(collector);
  expect(countByType(rows)).toEqual(expected);
  const ofPages = (await stored(collector)).filter(({ entity }) => entity.startsWith('page:'));
  expect(ofPages.filter(({ type }) => type === 'view').length).toBeGreaterThan(0);
  for (const { type, part } of ofPages) expect(type === 'scroll' || part > 0).toBe(true);
  expect(new Set(rows.filter(({ type }) => type === 'impression').map(({ entity }) => entity))).toEqual(seen);
  const of = (type: string) => rows.filter((row) => row.type === type);
  expect(of('click')).toMatchObject([{ entity: 'event:night-tide', surface: 'calendar', position: 0 }]);
  expect(of('ticket_click')).toMatchObject([{ entity: 'event:night-tide', surface: 'event_card' }]);
  expect(of('view')).toMatchObject([
    { entity: 'event:night-tide', surface: 'event_modal', part: 0, duration_ms: 0 },
    { entity: 'event:night-tide', part: 1, duration_ms: expect.any(Number) },
  ]);
  expect(of('view')[1]?.duration_ms).toBeGreaterThan(0);

  expect(
    await collector.query(
      `SELECT toUInt32(impressions) AS impressions, toUInt32(unique_viewers) AS unique_viewers, toUInt32(unique_reach) AS unique_reach,
              toUInt32(clicks) AS clicks, toUInt32(interested_count) AS interested_count, toUInt32(ticket_link_clicks) AS ticket_link_clicks,
              ticket_conversion_rate, toFloat64(revenue) AS revenue
       FROM event_daily WHERE event_id = 'night-tide'`,
    ),
  ).toEqual([
    {
      impressions: 1,
      unique_viewers: 1,
      unique_reach: 1,
      clicks: 1,
      interested_count: 1,
      ticket_link_clicks: 1,
      ticket_conversion_rate: 1,
      revenue: 76,
    },
  ]);
  expect(
    await collector.query(
      `SELECT toUInt32(events_viewed) AS events_viewed, toUInt32(events_clicked) AS events_clicked, toUInt32(events_interested) AS events_interested,
              toUInt32(ticket_links_clicked) AS ticket_links_clicked, toUInt32(sessions_count) AS sessions_count FROM user_daily`,
    ),
  ).toEqual([
    { events_viewed: 1, events_clicked: 1, events_interested: 1, ticket_links_clicked: 1, sessions_count: 1 },
  ]);

  const [score] = await collector.query<{
    purchase_rate: number;
    recent_activity: number;
    has_purchased: number;
    purchase_likelihood: number;
    now_ms: number;
  }>(
    'SELECT purchase_rate, recent_activity, has_purchased, purchase_likelihood, toFloat64(toUnixTimestamp64Milli(now64(3))) AS now_ms FROM purchase_likelihood',
  );
  const recent = recentActivity(await stored(collector), score?.now_ms ?? 0);
  expect(score?.purchase_rate).toBe(1);
  expect(score?.has_purchased).toBe(1);
  expect(score?.recent_activity).toBeCloseTo(recent, 6);
  expect(score?.purchase_likelihood).toBeCloseTo(0.4 * 1 + 0.3 * recent + 0.3 * 1, 6);
}, 120_000);

/**
 * Without what depends on how fast the machine is: the time that pages were attended, how far they were
 * scrolled, and the checkpoints of a dialog that is open for more than 15 s.
 */
const storedOfThings = async (collector: Parameters<typeof stored>[0]) =>
  (await stored(collector)).filter(({ entity, part }) => !entity.startsWith('page:') && part < 2);

/** Points of each interaction, halved every 30 days, as the comment of the column defines them. */
function recentActivity(rows: Stored[], now: number): number {
  const points: Record<string, number> = {
    page_view: 0.5,
    scroll: 0.2,
    impression: 0.1,
    click: 1,
    interest: 4,
    ticket_click: 6,
    checkout_start: 8,
    purchase: 10,
  };
  const pointsOf = ({ type, part }: Stored) => (type === 'view' ? (part === 0 ? 2 : 0) : (points[type] ?? 0));
  const sum = rows.reduce(
    (total, row) => total + pointsOf(row) * 2 ** (-(now - row.ts_ms) / 86_400_000 / 30),
    0,
  );
  return 1 - Math.exp(-sum / 20);
}

test('the script works from another origin than the collector’s', async () => {
  const collector = await aCollector();
  const context = await openContext();
  const page = await context.newPage();
  const venue = await aServer(
    `<!doctype html><title>Venue</title><script defer src="${collector.url}/t.js" data-key="wk_demo"></script>
     <a href="#x" data-track="ticket_click" data-track-entity="event:e1">Tickets</a>`,
  );

  await page.goto(venue);
  await page.getByRole('link', { name: 'Tickets' }).click();

  await expect
    .poll(async () => countByType(await storedOfThings(collector)), { timeout: 60_000 })
    .toEqual({ page_view: 1, ticket_click: 1 });
});

/** The venue's own server, which knows nothing of the collector but the address in the script tag. */
async function aServer(html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(html);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}
