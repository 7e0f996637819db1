import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { TestContext } from 'vitest';
import type { OpenContext } from '../browser.ts';
import { aDataDirWithTables, runTurnout, startCollector } from '../collector.ts';

const SITE = fileURLToPath(new URL('../../examples/react-feed/dist', import.meta.url));

/** A row of `interactions`: what it says, without what is empty. */
export type Row = Record<string, unknown> & { type: string; props: Record<string, unknown> };

const WELL_KNOWN = [
  'artist_id',
  'venue_id',
  'genre',
  'event_date',
  'price_min',
  'price_max',
  'ticket_provider',
  'rating',
];

/** What differs from run to run, and is no metadata of the tracking point. */
const INCIDENTAL = ['list_view_id', 'time_to_view_ms', 'is_too_fast', 'load_time_ms'];

/**
 * The built React feed in a real Chromium, at a real collector of its own: most of a visit is waiting for what is sent
 * and stored, so that visits are tested beside each other.
 */
export async function aVisit(openContext: OpenContext, test: TestContext) {
  const { expect, onTestFinished } = test;
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir, ['--site', SITE]);
  onTestFinished(() => collector.kill());
  const context = await openContext(test);
  // Shops and advertisers are somebody else's pages.
  await context.route('https://*.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: 'elsewhere' }),
  );
  const page = await context.newPage();
  await page.goto(collector.url);
  await page.locator('[data-event]').first().waitFor();

  /**
   * Everything stored but the time of pages and the steps of funnels, oldest first. What happened within one
   * millisecond is in the order of its list: random ids tell nothing.
   */
  async function rows(where = '1'): Promise<Row[]> {
    const found = await collector.query<Row>(
      `SELECT type, name, if(entity_type = '', '', concat(entity_type, ':', entity_id)) AS entity, list_id AS list, position,
              surface, part, toFloat64(value) AS value, currency, quantity, query, experiment, variant,
              toUInt8(undo) AS undo, order_id, search_id, view_id, duration_ms, props,
              ${WELL_KNOWN.join(', ')}
       FROM interactions WHERE ${where} ORDER BY occurred_at, ifNull(position, 0), id`,
    );
    return found.map((row) => {
      const props = { ...row.props };
      // What the collector made columns of goes back among the props that it was.
      for (const name of WELL_KNOWN) {
        if (row[name] !== '' && row[name] !== null) props[name] = row[name];
        delete row[name];
      }
      for (const name of INCIDENTAL) delete props[name];
      const said = Object.entries(row).filter(([, value]) => value !== '' && value !== null && value !== 0);
      return { ...Object.fromEntries(said), props } as Row;
    });
  }

  return {
    page,
    context,
    collector,
    rows,
    /** Rows of a type. */
    of: (type: string) => rows(`type = '${type}'`),
    /** Waits until so many rows of a type are stored: the SDK sends within five seconds, the collector stores within two. */
    async until(type: string, count: number, where = '1') {
      await expect
        .poll(async () => (await rows(`type = '${type}' AND ${where}`)).length, { timeout: 60_000 })
        .toBe(count);
    },
    /** Says yes to being measured. */
    agree: () => page.getByRole('button', { name: 'Fine' }).click(),
    /** Follows a link to somebody else's page, and closes that. */
    async followElsewhere(click: () => Promise<void>) {
      const elsewhere = context.waitForEvent('page');
      await click();
      await (await elsewhere).close();
    },
    /** Nothing is stored twice. */
    async expectNoTwins() {
      expect(await collector.query('SELECT id FROM interactions GROUP BY id HAVING count() > 1')).toEqual([]);
    },
    /** Ends the visit: all rollups equal their recount. */
    async verify() {
      await context.close();
      const verified = await runTurnout(['verify', '--data-dir', dataDir]);
      expect(verified).toMatchObject({
        code: 0,
        out: expect.stringContaining('Every rollup equals its recount'),
      });
    },
  };
}

/** Shows a page of the example by its address. */
export const goTo = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

/** Facts that go with everything recorded about Paper Moons. */
export const PAPER_MOONS = {
  artist_id: 'paper-moons',
  artist_name: 'Paper Moons',
  venue_id: 'mohawk',
  venue_name: 'The Mohawk',
  genre: 'indie',
  event_date: '2027-03-11',
  price_min: 28,
  price_max: 45,
  price_range: '28-45',
  distance_miles: 1.2,
  relevance_score: 0.79,
};
