import { test } from 'vitest';
import { aBrowserForThisFile } from '../browser.ts';
import { aVisit, goTo } from './a-visit.ts';

const { openContext } = aBrowserForThisFile();

/** Raw rows come before what is summed of them. */
const IN_VIEWS = { timeout: 60_000 };
const CONCERT = 'event:augustine-five';
const ABOUT = {
  artist_id: 'augustine-five',
  artist_name: 'The Augustine Five',
  venue_id: 'elephant',
  venue_name: 'The Elephant',
  genre: 'jazz',
  event_date: '2027-03-14',
  price_min: 30,
  price_max: 55,
  price_range: '30-55',
  distance_miles: 0.8,
  relevance_score: 0.8,
};
const money = (value: number, quantity = 1) => ({ value, currency: 'USD', quantity });
const offer = (id: string, placement: string, price: number, inventory_left: number) => ({
  entity: `offer:${id}`,
  props: { placement, event_id: 'augustine-five', price, inventory_left },
});
const DOORS = offer('early-doors', 'in_event', 15, 24);
const PARKING = offer('parking', 'checkout', 12, 9);
const PRINT = offer('tour-print', 'post_purchase', 25, 120);

test.concurrent('offers, cart, checkout and purchases are exact rows, one for each line of the order', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, collector, verify } = await aVisit(openContext, context);
  await agree();
  await page.getByRole('button', { name: 'The Augustine Five' }).click();
  const dialog = page.getByRole('dialog', { name: 'The Augustine Five' });
  await dialog.getByRole('button', { name: 'Early doors' }).click();
  await dialog.getByRole('region', { name: 'Early doors' }).getByRole('button', { name: 'Add' }).click();
  await until('impression', 1, `entity_id = 'early-doors'`);
  await dialog.getByRole('button', { name: /^Buy from/ }).click();
  const checkout = page.getByRole('dialog', { name: 'Checkout' });
  const parking = checkout.getByRole('region', { name: 'Parking next door' });
  await until('impression', 1, `entity_id = 'parking'`);
  await parking.getByRole('button', { name: 'Add' }).click();
  await parking.getByRole('button', { name: 'Remove' }).click();
  await checkout.getByLabel('How many: Ticket: The Augustine Five').fill('3');
  await checkout.getByRole('button', { name: 'Check out' }).click();
  await checkout.getByLabel('Name on the tickets').fill('Sam Fan');
  await checkout.getByRole('button', { name: /^Pay/ }).click();
  const print = checkout.getByRole('region', { name: 'The tour print' });
  await until('view', 1, `entity_id = 'tour-print' AND part = 0`);
  const order = await checkout.locator('[data-order]').innerText();
  await print.getByRole('button', { name: 'Add' }).click();
  await checkout.getByRole('button', { name: 'Done' }).click();
  await until('purchase', 3);

  expect(await rows(`type = 'impression' AND entity_type = 'offer'`)).toEqual(
    [
      DOORS,
      PARKING,
      ...((await rows(`type = 'impression' AND entity_id = 'tour-print'`)).length ? [PRINT] : []),
    ].map((it) => ({ type: 'impression', ...it, surface: it.props.placement, duration_ms: 1_000 })),
  );
  expect(await rows(`type = 'view' AND entity_type = 'offer' AND part = 0`)).toEqual(
    [DOORS, PARKING, PRINT].map((it) => ({
      type: 'view',
      ...it,
      surface: it.props.placement,
      view_id: expect.any(String),
    })),
  );
  expect(await rows(`type = 'click' AND entity_type = 'offer'`)).toEqual([
    { type: 'click', ...DOORS, surface: 'in_event' },
  ]);
  const ticket = { entity: CONCERT, props: ABOUT };
  expect(await of('cart_add')).toEqual([
    { type: 'cart_add', ...DOORS, ...money(15), surface: 'event_modal' },
    { type: 'cart_add', ...ticket, ...money(60, 2), surface: 'event_modal' },
    { type: 'cart_add', ...PARKING, ...money(12), surface: 'checkout' },
    { type: 'cart_add', ...PRINT, ...money(25), surface: 'checkout' },
  ]);
  expect(await of('cart_remove')).toEqual([
    { type: 'cart_remove', ...PARKING, ...money(12), surface: 'checkout' },
  ]);
  expect(await of('checkout_start')).toEqual([
    { type: 'checkout_start', ...ticket, ...money(105, 4), surface: 'checkout' },
  ]);
  const bought = await of('purchase');
  const line = (it: typeof DOORS | typeof ticket, sum: object) => ({
    type: 'purchase',
    ...it,
    ...sum,
    surface: 'checkout',
    order_id: order,
  });
  const sold = { ticket_provider: 'encore' };
  expect(bought).toHaveLength(3);
  expect(bought).toEqual(
    expect.arrayContaining([
      line({ ...DOORS, props: { ...DOORS.props, ...sold } }, money(15)),
      line({ ...ticket, props: { ...ABOUT, ...sold } }, money(90, 3)),
      line(PRINT, money(25)),
    ]),
  );
  expect((await of('funnel_step')).filter(({ entity }) => entity === CONCERT).at(-1)).toEqual({
    type: 'funnel_step',
    entity: CONCERT,
    surface: 'checkout',
    value: 105,
    currency: 'USD',
    props: expect.objectContaining({
      funnel: 'ticket',
      step: 'complete',
      previous_step: expect.any(String),
      total_steps: expect.any(Number),
      total_ms: expect.any(Number),
      ms_by_step: expect.objectContaining({ click: expect.any(Number) }),
    }),
  });
  await expect
    .poll(
      () =>
        collector.query(
          `SELECT offer_id, toUInt32(views) AS views, toUInt32(cart_adds) AS cart_adds, toUInt32(purchases) AS purchases,
              toFloat64(revenue) AS revenue FROM offer_daily ORDER BY offer_id`,
        ),
      IN_VIEWS,
    )
    .toEqual([
      { offer_id: 'early-doors', views: 1, cart_adds: 1, purchases: 1, revenue: 15 },
      { offer_id: 'parking', views: 1, cart_adds: 1, purchases: 0, revenue: 0 },
      { offer_id: 'tour-print', views: 1, cart_adds: 1, purchases: 1, revenue: 25 },
    ]);
  expect(JSON.stringify(await rows())).not.toContain('Sam Fan');
  await verify();
}, 120_000);

test.concurrent('a waiting list is joined, left, accepted, declined and run out, each an exact row', async (context) => {
  const { expect } = context;
  const { page, agree, of, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await page.getByRole('searchbox').fill('kingfisher');
  const card = page.locator('[data-event="kingfisher"]');
  const join = () => card.getByRole('button', { name: /line/i }).first().click();

  await join();
  await card.getByRole('button', { name: 'Leave the line' }).click();
  await join();
  await card.getByRole('button', { name: 'Let it go' }).click();
  await join();
  await card.getByRole('button', { name: /Too late/ }).click({ timeout: 60_000 });
  await card.getByRole('button', { name: 'Take the place' }).click();
  await until('waitlist_accept', 1);

  const row = (what: string, queue_position: number) => ({
    type: `waitlist_${what}`,
    entity: 'event:kingfisher',
    list: 'search-results',
    surface: 'search',
    props: { tier: 'general', queue_position, wait_minutes: (2 - queue_position) * 4 },
  });
  const join_ = row('join', 2);
  const offered = row('offer', 0);
  expect(await of('waitlist_join')).toEqual(Array(4).fill(join_));
  expect(await of('waitlist_offer')).toEqual(Array(3).fill(offered));
  expect(await of('waitlist_leave')).toMatchObject([
    { entity: 'event:kingfisher', props: { tier: 'general' } },
  ]);
  expect(await of('waitlist_decline')).toEqual([row('decline', 0)]);
  expect(await of('waitlist_expire')).toEqual([row('expire', 0)]);
  expect(await of('waitlist_accept')).toEqual([row('accept', 0)]);
  await expectNoTwins();
}, 120_000);

test.concurrent('recommendations are seen, opened, bought and waved away, and swipes go both ways, in exact rows', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, collector, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await goTo(page, 'Discover');
  await until('impression', 3, `entity_type = 'recommendation'`);
  const pick = (id: string) => page.locator(`[data-pick="${id}"]`);
  await pick('low-orbit-live').getByRole('button', { name: 'Have a look' }).click();
  await page.keyboard.press('Escape');
  await pick('frostline-lp').getByRole('button', { name: 'Buy $28' }).click();
  await pick('maya-strings').getByRole('button', { name: 'Not for me' }).click();
  const deck = page.getByRole('region', { name: 'Swipe' });
  await deck.getByRole('button', { name: '✕ Not for me' }).click();
  const box = await deck.locator('article').boundingBox();
  if (!box) throw new Error('The deck has no card.');
  await page.mouse.move(box.x + 40, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 240, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await until('save', 1);
  await until('dismiss', 1);

  const here = { list: 'picks', surface: 'discover' };
  const why = (kind: string, confidence: number, priority: number, expected_revenue: number) => ({
    kind,
    confidence,
    priority,
    expected_revenue,
    request_id: 'req-2027-03-01',
  });
  const [orbit, record, maya] = [
    why('concert', 0.82, 1, 9.5),
    why('record', 0.64, 2, 4.2),
    why('concert', 0.41, 3, 6.1),
  ];
  const seen = { type: 'impression', ...here, duration_ms: 1_000 };
  expect(await rows(`type = 'impression' AND entity_type = 'recommendation'`)).toEqual([
    { ...seen, entity: 'recommendation:low-orbit-live', props: orbit },
    { ...seen, entity: 'recommendation:frostline-lp', position: 1, props: record },
    { ...seen, entity: 'recommendation:maya-strings', position: 2, props: maya },
  ]);
  expect(await of('click')).toEqual([
    { type: 'click', ...here, entity: 'recommendation:low-orbit-live', props: orbit },
  ]);
  expect(await of('purchase')).toEqual([
    {
      type: 'purchase',
      ...here,
      entity: 'recommendation:frostline-lp',
      ...money(28),
      order_id: expect.stringMatching(/^RE-/),
      props: record,
    },
  ]);
  expect(await of('dismiss')).toEqual([
    {
      type: 'dismiss',
      ...here,
      entity: 'recommendation:maya-strings',
      position: 2,
      props: { ...maya, reason: 'not_for_me' },
    },
  ]);
  const swiped = await of('swipe');
  expect(swiped).toMatchObject([
    { entity: 'event:paper-moons', list: 'deck', surface: 'discover', props: { direction: 'left' } },
    { entity: 'event:delia-frost', position: 1, list: 'deck', props: { direction: 'right', genre: 'folk' } },
  ]);
  expect(await of('save')).toMatchObject([
    { entity: 'event:delia-frost', list: 'deck', surface: 'discover' },
  ]);
  await expect
    .poll(
      () =>
        collector.query(
          `SELECT toUInt32(sum(r.shown)) AS shown, toUInt32(sum(r.clicked)) AS clicked, toUInt32(sum(r.converted)) AS converted,
              toUInt32(sum(r.dismissed)) AS dismissed, toFloat64(sum(r.gross_revenue)) AS gross FROM recommendation_daily AS r`,
        ),
      IN_VIEWS,
    )
    .toEqual([{ shown: 3, clicked: 1, converted: 1, dismissed: 1, gross: 28 }]);
  await expectNoTwins();
}, 120_000);
