import { expect, test } from 'vitest';
import { aBrowserForThisFile } from '../browser.ts';
import { aVisit } from './a-visit.ts';

const { openContext } = aBrowserForThisFile();

const ad = (id: string, times_seen_in_session: number) => ({
  entity: `ad:${id}`,
  list: 'home-feed',
  position: 2,
  surface: 'feed-inline',
  props: {
    feed_tab: 'events',
    placement: 'feed_inline',
    times_seen_in_session,
    viewport_percentage: expect.any(Number),
  },
});

test.concurrent('an ad is served, seen and clicked in exact rows, three times a session at most, and then another has its turn', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, collector, followElsewhere, expectNoTwins } = await aVisit(
    openContext,
    context,
  );
  await agree();
  await followElsewhere(() => page.getByRole('link', { name: /Lone Star Amps/ }).click());
  for (let n = 1; n <= 3; n++) {
    await until('impression', n, `entity_id = 'lone-star-amps'`);
    await page.reload();
  }
  await page.getByRole('link', { name: /Night Bus 7/ }).waitFor();
  await until('impression', 1, `entity_id = 'night-bus'`);
  // After half a minute the next one; nobody has to do anything for that.
  await page.getByRole('link', { name: /Creek Tacos/ }).waitFor({ timeout: 60_000 });
  await until('impression', 1, `entity_id = 'creek-tacos'`);

  const seen = (id: string, times: number) => ({ type: 'impression', ...ad(id, times), duration_ms: 1_000 });
  expect(await rows(`type = 'impression' AND entity_type = 'ad'`)).toEqual([
    seen('lone-star-amps', 0),
    seen('lone-star-amps', 1),
    seen('lone-star-amps', 2),
    seen('night-bus', 0),
    seen('creek-tacos', 0),
  ]);
  expect((await of('served')).map(({ entity }) => entity)).toEqual([
    ...Array(3).fill('ad:lone-star-amps'),
    'ad:night-bus',
    'ad:creek-tacos',
  ]);
  const { props, ...clicked } = ad('lone-star-amps', 0);
  expect(await rows(`type = 'click'`)).toEqual([
    { type: 'click', ...clicked, props: { ...props, times_seen_in_session: expect.any(Number) } },
  ]);
  // How long it was viewable: the parts of its views.
  const [{ ms }] = (await collector.query(
    `SELECT toUInt32(sum(duration_ms)) AS ms FROM interactions WHERE type = 'view' AND entity_id = 'night-bus'`,
  )) as [{ ms: number }];
  expect(ms).toBeGreaterThanOrEqual(1_000);
  await expectNoTwins();
}, 180_000);

test.concurrent('a video ad plays once it was in sight, and its quarters are exact rows', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, followElsewhere, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await page.getByRole('button', { name: 'news' }).click();
  await until('media_play', 5);
  await followElsewhere(() => page.getByRole('link', { name: /See how they are made/ }).click());
  await until('click', 1);

  const here = { entity: 'ad:lone-star-film', surface: 'news-inline', list: 'news' };
  const props = { feed_tab: 'news', placement: 'news_inline' };
  expect(await rows(`type IN ('served', 'impression', 'click') AND entity_id = 'lone-star-film'`)).toEqual([
    { type: 'served', ...here, position: 3, props },
    { type: 'impression', ...here, position: 3, duration_ms: 2_000, props },
    { type: 'click', ...here, position: 3, props },
  ]);
  const plays = await of('media_play');
  expect(plays.map(({ entity, surface, props }) => ({ entity, surface, ...props }))).toEqual(
    [0, 25, 50, 75, 100].map((quartile) => ({
      entity: 'ad:lone-star-film',
      surface: 'news-inline',
      media: 'video',
      quartile,
      is_muted: true,
      length_seconds: 8,
    })),
  );
  await expectNoTwins();
}, 120_000);
