import { test } from 'vitest';
import { aBrowserForThisFile, cardsInSight } from '../browser.ts';
import { aVisit, PAPER_MOONS } from './a-visit.ts';

const { openContext } = aBrowserForThisFile();

test.concurrent('the feed: what is seen, how far it is scrolled, tabs, reviews and news are exact rows', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  const inSight = await cardsInSight(page, '[data-event]', 'data-event');
  await until('impression', inSight.length, `entity_type = 'event'`);

  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
  await page.locator('[data-event="velvet-static"]').waitFor();
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
  await until('impression', 1, `entity_id = 'velvet-static'`);
  await page.getByRole('button', { name: 'reviews' }).click();
  await until('impression', 4, `entity_type = 'review'`);
  await page.locator('[data-review="r-1"]').getByText('Two encores').click();
  await page.getByRole('button', { name: 'news' }).click();
  await page.getByText('Night Market plays until sunrise').click();
  await until('click', 1, `entity_type = 'news'`);

  const [first] = await rows(`type = 'impression' AND entity_id = 'paper-moons'`);
  expect(first).toEqual({
    type: 'impression',
    entity: 'event:paper-moons',
    list: 'home-feed',
    surface: 'feed',
    duration_ms: 1_000,
    props: { ...PAPER_MOONS, feed_tab: 'events', feed_type: 'personalized', scroll_depth: 0 },
  });
  const [last] = await rows(`type = 'impression' AND entity_id = 'velvet-static'`);
  // Twelve concerts and one ad.
  expect(last).toMatchObject({ position: 12, props: { scroll_depth: 100 } });
  expect(await rows(`type = 'click' AND name = 'load_more'`)).toEqual([
    {
      type: 'click',
      name: 'load_more',
      list: 'home-feed',
      surface: 'feed',
      props: { feed_tab: 'events', active_tab: 'events', current_items: 8, offset: 8 },
    },
  ]);
  expect(await rows(`type = 'scroll' AND entity_type = 'list'`)).toEqual([
    {
      type: 'scroll',
      entity: 'list:home-feed',
      list: 'home-feed',
      surface: 'feed',
      props: {
        feed_tab: expect.any(String),
        active_tab: 'events',
        max_scroll_percent: 100,
        marks: [25, 50, 75, 100],
      },
    },
  ]);
  const events = await rows(`type = 'impression' AND entity_type = 'event'`);
  expect(await of('custom')).toEqual([
    {
      type: 'custom',
      name: 'tab_change',
      props: { from_tab: 'events', to_tab: 'reviews', items_viewed: events.length },
    },
    {
      type: 'custom',
      name: 'tab_change',
      props: { from_tab: 'reviews', to_tab: 'news', items_viewed: 4 },
    },
  ]);
  const review = { entity: 'review:r-1', list: 'reviews', surface: 'reviews' };
  const props = { feed_tab: 'reviews', rating: 5, has_photos: true, review_age_days: expect.any(Number) };
  expect(await rows(`entity_id = 'r-1'`)).toEqual([
    { type: 'impression', ...review, duration_ms: 1_000, props },
    { type: 'click', ...review, props },
  ]);
  expect(await rows(`type = 'click' AND entity_type = 'news'`)).toEqual([
    {
      type: 'click',
      entity: 'news:n-2',
      list: 'news',
      surface: 'news',
      position: 1,
      props: { feed_tab: 'news' },
    },
  ]);
  await expectNoTwins();
}, 120_000);

test.concurrent('a search is one row, without what was typed on the way, and the choice carries its id', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();

  await page.getByLabel('Search in').selectOption('all');
  await page.getByRole('searchbox').pressSequentially('paper', { delay: 20 });
  await until('search', 1);
  await page.getByRole('link', { name: 'Paper Moons' }).click();
  await page.getByRole('link', { name: '← All concerts' }).click();
  await page.getByLabel('Search in').selectOption('events');
  await page.getByLabel('Genre').selectOption('indie');
  await page.getByRole('searchbox').fill('mohawk');
  await until('search', 2);
  await page.locator('[data-event="paper-moons"]').getByRole('button', { name: 'Paper Moons' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').fill('nobody plays this');
  await until('search', 3);

  const [all, events, nothing] = await of('search');
  expect(all).toEqual({
    type: 'search',
    query: 'paper',
    search_id: expect.any(String),
    props: {
      search_type: 'all',
      query_length: 5,
      result_count: 2,
      artist_count: 1,
      event_count: 1,
      result_ids: ['artist:paper-moons', 'event:paper-moons'],
      has_results: true,
      from_view: 'feed',
    },
  });
  expect(events).toEqual({
    type: 'search',
    query: 'mohawk',
    search_id: expect.any(String),
    props: {
      search_type: 'events',
      query_length: 6,
      result_count: 1,
      artist_count: 0,
      event_count: 1,
      result_ids: ['event:paper-moons'],
      has_results: true,
      filters_applied: { genre: 'indie' },
      from_view: 'feed',
    },
  });
  expect(nothing).toMatchObject({ props: { result_count: 0, has_results: false } });
  expect(await rows(`type = 'click'`)).toEqual([
    {
      type: 'click',
      entity: 'artist:paper-moons',
      surface: 'search',
      search_id: all?.search_id,
      props: { name: 'Paper Moons', from_view: 'search', artist_id: 'paper-moons' },
    },
    {
      type: 'click',
      entity: 'event:paper-moons',
      surface: 'search',
      search_id: events?.search_id,
      props: PAPER_MOONS,
    },
  ]);
  await expectNoTwins();
}, 120_000);
