import { randomUUID } from 'node:crypto';
import type { InteractionType } from '@turnout/schema';
import { expect, test } from 'vitest';
import { createPace, MOST_ACTS } from './pace.ts';
import { demoSite } from './sites.ts';
import { anApp, NOW, venue } from './testing/app.ts';

const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15';

const acts = (
  times: number,
  everyMs: number,
  { type = 'click' as InteractionType, from = NOW - 3_600_000 } = {},
) =>
  Array.from({ length: times }, (_, at) => ({
    id: randomUUID(),
    type,
    occurred_at: from + Math.floor(at * everyMs),
  }));

const aBatch = (interactions: object[], own: object = {}) => ({
  batch_id: randomUUID(),
  visitor_id: 'fan',
  session_id: 's',
  interactions,
  ...own,
});

/** A site from a sites file: there, automated browsers are no people. */
const strictVenue = { ...venue, countAutomation: false };

function aSite() {
  let now = NOW;
  const { post, rows } = anApp({ sites: () => [strictVenue], pace: createPace(), now: () => now });
  return {
    later(ms: number) {
      now += ms;
    },
    async send(batch: object, { attempt = 0, userAgent = SAFARI } = {}) {
      const before = rows().length;
      const response = await post(`/v1/interactions?key=wk_venue&attempt=${attempt}`, batch, {
        'User-Agent': userAgent,
      });
      expect(response.status).toBe(202);
      return [
        ...new Set(
          rows()
            .slice(before)
            .map(({ is_bot }) => is_bot),
        ),
      ];
    },
  };
}

test('flags who acts faster than a person can, in one batch or over several, and for a while', async () => {
  const inOne = aSite();
  expect(await inOne.send(aBatch(acts(MOST_ACTS + 1, 90)))).toEqual([1]);

  const overSeveral = aSite();
  const answers: unknown[] = [];
  for (let at = 0; at < 6; at += 1)
    answers.push(...(await overSeveral.send(aBatch(acts(20, 90, { from: NOW - 60_000 + at * 1_800 })))));
  expect(answers).toEqual([0, 0, 0, 0, 0, 1]);
  expect(await overSeveral.send(aBatch(acts(1, 1, { type: 'impression' })))).toEqual([1]);
  expect(await overSeveral.send(aBatch(acts(1, 1), { visitor_id: 'somebody else' }))).toEqual([0]);
  overSeveral.later(61 * 60_000);
  expect(await overSeveral.send(aBatch(acts(1, 1)))).toEqual([0]);
});

test('takes for people who come back with a backlog, click in anger, or see much at once', async () => {
  const site = aSite();

  expect(await site.send(aBatch(acts(1_000, 60_000, { from: NOW - 13 * 86_400_000 })))).toEqual([0]);
  expect(await site.send(aBatch(acts(100, 110)))).toEqual([0]);
  expect(await site.send(aBatch(acts(1_000, 1, { type: 'impression' }), { visitor_id: 'scrolls' }))).toEqual([
    0,
  ]);
});

test('counts what is sent again once', async () => {
  const site = aSite();
  const batch = aBatch(acts(80, 60));

  expect(await site.send(batch)).toEqual([0]);
  expect(await site.send(batch)).toEqual([]); // As a browser does by itself when a connection breaks.
  expect(await site.send({ ...batch, batch_id: randomUUID() }, { attempt: 1 })).toEqual([]);
  expect(await site.send(aBatch(acts(1, 1)))).toEqual([0]);
});

test('says nothing of servers, nor of people without cookies, who may share an address', async () => {
  const site = aSite();

  expect(await site.send(aBatch(acts(500, 1)), { userAgent: 'node' })).toEqual([0]);
  for (let at = 0; at < 3; at += 1)
    expect(await site.send(aBatch(acts(60, 1), { cookieless: true, visitor_id: undefined }))).toEqual([0]);
});

test('forgets who was silent longest', () => {
  const pace = createPace({ maxVisitors: 1 });
  const come = { receivedAt: NOW, attempt: 0 };
  const fan = { batch_id: randomUUID(), visitor_id: 'fan', session_id: 's' };
  expect(pace.isInhuman('venue', fan, acts(500, 1), come)).toBe(true);
  pace.isInhuman('venue', { ...fan, visitor_id: 'other' }, [], come);

  expect(pace.isInhuman('venue', fan, [], come)).toBe(false);
});

test('flags a browser that says a program drives it, except on the development site', async () => {
  const { post, rows } = anApp({ sites: () => [strictVenue, demoSite] });

  for (const [key, query] of [
    ['wk_venue', '&automated=1'],
    ['wk_venue', ''],
    ['wk_demo', '&automated=1'],
  ])
    await post(`/v1/interactions?key=${key}&attempt=0${query}`, aBatch(acts(1, 1)), { 'User-Agent': SAFARI });

  expect(rows().map(({ is_bot }) => is_bot)).toEqual([1, 0, 0]);
});
