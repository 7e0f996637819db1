import { daysUntil } from '@turnout/sdk';
import { test } from 'vitest';
import { aBrowserForThisFile } from '../browser.ts';
import { aVisit, PAPER_MOONS } from './a-visit.ts';

const { openContext } = aBrowserForThisFile();

/** Raw rows come before what is summed of them. */
const IN_VIEWS = { timeout: 60_000 };
const EVENT = 'event:paper-moons';

test.concurrent('what was done before the visitor agrees waits, and is exact rows after', async (context) => {
  const { expect } = context;
  const { page, agree, rows, of, until, followElsewhere, collector, verify } = await aVisit(
    openContext,
    context,
  );
  const card = page.locator('[data-event="paper-moons"]');
  const dialog = page.getByRole('dialog');

  await card.getByRole('button', { name: 'Paper Moons' }).click();
  await dialog.getByText('Likely setlist').click();
  await dialog.locator('summary', { hasText: 'Reviews' }).click();
  expect(await rows()).toEqual([]);
  await page.keyboard.press('Escape');
  await agree();
  await card.getByRole('button', { name: 'Paper Moons' }).click();
  await dialog.getByRole('button', { name: 'I’m interested' }).click();
  await dialog.getByRole('button', { name: 'Interested', exact: true }).click();
  await dialog.getByRole('button', { name: 'I’m interested' }).click();
  await followElsewhere(() => dialog.getByRole('link', { name: /Tickets/ }).click());
  await dialog.getByRole('link', { name: 'The Mohawk' }).click();
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await page.getByRole('link', { name: '← All concerts' }).click();
  await page.getByRole('button', { name: 'Following', exact: true }).click();
  await until('impression', 1, `entity_id = 'paper-moons' AND list_id = 'following-feed'`);

  expect(await of('page_view')).toHaveLength(3);
  expect(await of('exposure')).toEqual([
    {
      type: 'exposure',
      experiment: 'headline',
      variant: expect.stringMatching(/control|near/),
      props: { feed_tab: 'events', variant_share: 0.5 },
    },
  ]);
  expect(await rows(`type = 'click'`)).toEqual([
    ...Array(2).fill({
      type: 'click',
      entity: EVENT,
      list: 'home-feed',
      surface: 'feed',
      props: { ...PAPER_MOONS, feed_tab: 'events' },
    }),
    {
      type: 'click',
      entity: 'venue:mohawk',
      surface: 'event_modal',
      props: {
        name: 'The Mohawk',
        event_id: 'paper-moons',
        venue_id: 'mohawk',
        from_view: 'feed',
        venue_city: 'Austin',
        venue_state: 'TX',
      },
    },
  ]);
  const seen = (list: string, feed_type: string) => ({
    type: 'impression',
    entity: EVENT,
    list,
    surface: 'feed',
    duration_ms: 1_000,
    props: { ...PAPER_MOONS, feed_tab: 'events', feed_type, scroll_depth: expect.any(Number) },
  });
  expect(
    await rows(`type = 'impression' AND entity_id = 'paper-moons' AND list_id = 'following-feed'`),
  ).toEqual([seen('following-feed', 'following')]);
  expect(await of('interest')).toEqual(
    [undefined, 1, undefined].map((undo) => ({
      type: 'interest',
      entity: EVENT,
      surface: 'event_modal',
      ...(undo && { undo }),
      props: PAPER_MOONS,
    })),
  );
  expect(await of('ticket_click')).toEqual([
    {
      type: 'ticket_click',
      entity: EVENT,
      surface: 'event_modal',
      props: {
        ...PAPER_MOONS,
        ticket_url: 'https://dice.example.com/paper-moons',
        ticket_provider: 'dice',
        days_until_event: daysUntil('2027-03-11'),
        user_interested: true,
      },
    },
  ]);
  expect(await of('follow')).toEqual([
    {
      type: 'follow',
      entity: 'venue:mohawk',
      surface: 'venue_page',
      list: 'venue_page',
      props: { venue_id: 'mohawk' },
    },
  ]);
  // Interest given, taken back and given again is one.
  await expect
    .poll(
      () =>
        collector.query(
          `SELECT toUInt32(clicks) AS clicks, toInt32(interested_count) AS interested, toUInt32(views) AS views,
              toUInt32(ticket_link_clicks) AS tickets FROM event_daily WHERE event_id = 'paper-moons'`,
        ),
      IN_VIEWS,
    )
    .toEqual([{ clicks: 2, interested: 1, views: 2, tickets: 1 }]);
  await verify();
}, 120_000);

test.concurrent('the way to a ticket is a funnel of exact steps', async (context) => {
  const { expect } = context;
  const { page, agree, of, until, followElsewhere, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await until('impression', 1, `entity_id = 'paper-moons'`);
  await page.getByRole('button', { name: 'Paper Moons' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'I’m interested' }).click();
  await followElsewhere(() => dialog.getByRole('link', { name: /Tickets/ }).click());
  await until('ticket_click', 1);

  const steps = (await of('funnel_step')).filter(({ entity }) => entity === EVENT);
  const names = ['impression', 'click', 'view_details', 'interest', 'ticket_click'];
  expect(steps.map(({ props }) => props)).toMatchObject(
    names.map((step, step_index) => ({
      funnel: 'ticket',
      funnel_id: steps[0]?.props.funnel_id,
      step,
      step_index,
      ...(step_index > 0 && { previous_step: names[step_index - 1] }),
      ms_from_start: expect.any(Number),
      ms_from_previous: expect.any(Number),
    })),
  );
  await expectNoTwins();
}, 120_000);

test.concurrent('who does not agree is not measured, before and after', async (context) => {
  const { expect } = context;
  const { page, rows } = await aVisit(openContext, context);
  const posts: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  await page.getByRole('button', { name: 'Paper Moons' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'No, thanks' }).click();
  await page.getByRole('link', { name: 'You', exact: true }).click();
  await page.getByRole('button', { name: 'Become a member' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Become a member' }).click();

  expect(await page.getByRole('complementary', { name: 'Consent' }).count()).toBe(0);
  expect(posts).toEqual([]);
  expect(await rows()).toEqual([]);
}, 60_000);
