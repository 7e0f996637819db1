import { test } from 'vitest';
import { aBrowserForThisFile } from '../browser.ts';
import { aVisit, goTo, PAPER_MOONS } from './a-visit.ts';

const { openContext } = aBrowserForThisFile();

test.concurrent('reviews, comments, likes and shares are exact rows, without a word of what was written', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await page.getByRole('button', { name: 'Paper Moons' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Paper Moons' });
  // Its first part says what was looked at when it opened, which is nothing yet.
  await until('view', 1, "entity_id = 'paper-moons'");
  await dialog.getByText('Likely setlist').click();
  await dialog.locator('summary', { hasText: 'Reviews' }).click();

  const like = dialog.getByRole('button', { name: /Like/ });
  await like.click();
  await like.click();
  await dialog.getByRole('button', { name: 'Comment' }).click();
  await dialog.getByLabel('Your comment').fill('I was there!');
  await dialog.getByRole('button', { name: 'Post', exact: true }).click();
  await dialog.getByLabel('Rating').fill('4');
  await dialog.getByLabel('Your review').fill('Loud, late, lovely.');
  await dialog.getByLabel('loud').check();
  await dialog.getByLabel('late').check();
  await dialog
    .getByLabel('Photos')
    .setInputFiles([{ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('png') }]);
  await dialog.getByLabel('I remember the setlist').check();
  await dialog.getByLabel('Who sees it').selectOption('friends');
  await dialog.getByRole('button', { name: 'Post review' }).click();
  await dialog.getByRole('button', { name: 'Send to a friend' }).first().click();
  const share = page.getByRole('dialog', { name: 'Share' });
  await share.getByLabel('Ines').check();
  await share.getByLabel('Priya').check();
  await share.getByLabel('A note').fill('Look at this.');
  await share.getByRole('button', { name: 'Send' }).click();
  await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  await share.getByRole('button', { name: 'Copy link' }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await until('share', 2);

  const here = { entity: 'review:r-1', list: 'event-reviews', surface: 'event_modal' };
  const liked = { type: 'like', ...here, props: { review_rating: 5, had_photos: true } };
  expect(await of('like')).toEqual([liked, { ...liked, undo: 1 }]);
  expect(await of('comment')).toEqual([
    { type: 'comment', ...here, props: { comment_length: 12, privacy: 'public' } },
  ]);
  expect(await of('review')).toEqual([
    {
      type: 'review',
      entity: 'event:paper-moons',
      surface: 'event_modal',
      props: {
        rating: 4,
        review_length: 19,
        has_photos: true,
        photo_count: 1,
        has_setlist: true,
        mood_tags: ['loud', 'late'],
        privacy: 'friends',
        time_to_complete_seconds: expect.any(Number),
      },
    },
  ]);
  expect(await of('share')).toEqual([
    { type: 'share', ...here, props: { platform: 'in_app', recipient_count: 2, has_message: true } },
    {
      type: 'share',
      entity: 'event:paper-moons',
      surface: 'event_modal',
      props: { platform: 'link', recipient_count: 1, has_message: false },
    },
  ]);
  expect((await of('form_submit')).map(({ props }) => props.form)).toEqual(['comment', 'review', 'share']);
  await until('view', 1, `entity_id = 'paper-moons' AND toString(props.end_reason) = 'unmount'`);
  const [opened, ...later] = await rows(`type = 'view' AND entity_id = 'paper-moons'`);
  const about = {
    ...PAPER_MOONS,
    has_setlist: true,
    has_ticket_urls: true,
  };
  expect(opened).toEqual({
    type: 'view',
    entity: 'event:paper-moons',
    surface: 'event_modal',
    view_id: expect.any(String),
    props: { ...about, viewed_setlist: false, viewed_reviews: false },
  });
  // Besides the end there is a part every 15 seconds, which depends on the machine.
  expect(later.at(-1)).toMatchObject({
    view_id: opened?.view_id,
    props: {
      ...about,
      viewed_setlist: true,
      viewed_reviews: true,
      interacted: true,
      scrolled_to_bottom: expect.any(Boolean),
      end_reason: 'unmount',
    },
  });
  expect(JSON.stringify(await rows())).not.toMatch(/lovely|I was there|Look at this/);
  await expectNoTwins();
}, 120_000);

test.concurrent('a profile: who it is, friends, messages, membership and what is saved are exact rows', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await page.locator('[data-event="paper-moons"]').getByRole('button', { name: 'Save' }).click();
  await goTo(page, 'You');
  await page.getByRole('button', { name: 'Sign in as Sam' }).click();
  await page.getByRole('button', { name: 'Become a member' }).click();
  const ines = page.getByRole('region', { name: 'Ines' });
  await ines.getByRole('button', { name: 'Add friend' }).click();
  await ines.getByRole('button', { name: 'Write' }).click();
  await page.getByLabel('Message').fill('Coming along?');
  await page.getByLabel('About').selectOption('paper-moons');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('[data-event="paper-moons"]').getByRole('button', { name: 'Paper Moons' }).click();
  await page.keyboard.press('Escape');
  await goTo(page, 'Discover');
  await until('click', 1, `surface = 'profile'`);
  // On a slow machine it comes with the next batch.
  await until('view', 1, `entity_type = 'user' AND toString(props.end_reason) = 'unmount'`);

  expect(await of('save')).toEqual([
    {
      type: 'save',
      entity: 'event:paper-moons',
      list: 'home-feed',
      surface: 'event_card',
      props: { ...PAPER_MOONS, feed_tab: 'events' },
    },
  ]);
  const views = await rows(`type = 'view' AND entity_type = 'user'`);
  expect(views[0]).toEqual({
    type: 'view',
    entity: 'user:fan-7',
    surface: 'profile',
    view_id: expect.any(String),
    props: {},
  });
  expect(views.at(-1)).toMatchObject({ view_id: views[0]?.view_id, props: { end_reason: 'unmount' } });
  expect(await of('identify')).toEqual([{ type: 'identify', props: { city: 'Austin' } }]);
  const mine = { list: 'saved', surface: 'profile' };
  expect(await of('subscribe')).toEqual([
    {
      type: 'subscribe',
      entity: 'offer:encore_plus',
      ...mine,
      value: 48,
      currency: 'USD',
      quantity: 1,
      order_id: expect.stringMatching(/^SUB-/),
      props: { tier: 'encore_plus' },
    },
  ]);
  expect(await of('friend_add')).toEqual([{ type: 'friend_add', entity: 'user:fan-11', ...mine, props: {} }]);
  expect(await of('message')).toEqual([
    {
      type: 'message',
      entity: 'user:fan-11',
      ...mine,
      props: { message_length: 13, has_event_share: true, event_id: 'paper-moons' },
    },
  ]);
  expect(await rows(`type = 'click' AND surface = 'profile'`)).toEqual([
    { type: 'click', entity: 'event:paper-moons', ...mine, props: PAPER_MOONS },
  ]);
  const signedIn = await rows(`user_id = 'fan-7'`);
  expect(signedIn.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['identify', 'subscribe', 'friend_add', 'message']),
  );
  await expectNoTwins();
}, 120_000);

test.concurrent('an artist: what is heard, tips, agreements and booking requests are exact rows', async (context) => {
  const { expect } = context;
  const { page, agree, of, rows, until, expectNoTwins } = await aVisit(openContext, context);
  await agree();
  await page.getByRole('button', { name: 'Paper Moons' }).first().click();
  await page.getByRole('dialog').getByRole('link', { name: 'Paper Moons' }).click();
  await page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.play());
  await page.getByRole('button', { name: '$5', exact: true }).click();
  await page.getByRole('button', { name: 'Sign the house rules' }).click();
  await page.getByLabel('Budget in $').fill('1200');
  await page.getByRole('button', { name: 'Ask for a date' }).click();
  await until('media_play', 5);

  const here = { entity: 'artist:paper-moons', list: 'artist_page', surface: 'artist_page' };
  expect(await rows(`type = 'click' AND entity_type = 'artist'`)).toEqual([
    {
      type: 'click',
      entity: 'artist:paper-moons',
      surface: 'event_modal',
      props: {
        name: 'Paper Moons',
        artist_id: 'paper-moons',
        event_id: 'paper-moons',
        from_view: 'feed',
        venue_city: 'Austin',
        venue_state: 'TX',
      },
    },
  ]);
  expect((await rows(`type = 'view' AND entity_type = 'artist'`))[0]).toEqual({
    type: 'view',
    entity: 'artist:paper-moons',
    surface: 'artist_page',
    view_id: expect.any(String),
    props: { name: 'Paper Moons', artist_id: 'paper-moons' },
  });
  const plays = await of('media_play');
  expect(plays.map(({ entity, surface, props }) => ({ entity, surface, ...props }))).toEqual(
    [0, 25, 50, 75, 100].map((quartile) => ({
      entity: 'artist:paper-moons',
      artist_id: 'paper-moons',
      surface: 'artist_page',
      media: 'audio',
      quartile,
      is_muted: false,
      length_seconds: 4,
    })),
  );
  expect(await of('tip')).toEqual([
    { type: 'tip', ...here, value: 5, currency: 'USD', props: { artist_id: 'paper-moons' } },
  ]);
  expect(await of('agreement_sign')).toEqual([
    { type: 'agreement_sign', ...here, entity: 'agreement:booking-rules', props: { tier: 'standard' } },
  ]);
  expect(await of('booking_request')).toEqual([
    {
      type: 'booking_request',
      ...here,
      value: 1200,
      currency: 'USD',
      quantity: 1,
      props: { tier: 'standard', artist_id: 'paper-moons' },
    },
  ]);
  expect(await of('form_submit')).toEqual([
    {
      type: 'form_submit',
      props: { form: 'booking', field_count: 1, time_to_complete_seconds: expect.any(Number) },
    },
  ]);
  await expectNoTwins();
}, 120_000);
