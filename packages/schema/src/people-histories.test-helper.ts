/** Random histories of people over most of a year, from a number: what the views of people and of visits look back on. */
import { type Dice, diceOf } from './histories.test-helper.ts';
import type { InteractionRow } from './table.ts';
import type { InteractionType } from './wire.ts';

const TYPES: InteractionType[] = [
  ...(['impression', 'click', 'view', 'view', 'page_view', 'page_view', 'search', 'search'] as const),
  ...(['interest', 'like', 'save', 'follow', 'share', 'comment', 'review', 'message', 'friend_add'] as const),
  ...(['ticket_click', 'ticket_click', 'purchase', 'purchase', 'purchase', 'refund', 'attendance'] as const),
  ...(['cart_add', 'checkout_start', 'booking_request', 'subscribe', 'tip', 'agreement_sign'] as const),
  ...(['waitlist_join', 'waitlist_offer', 'waitlist_expire', 'waitlist_accept', 'media_play'] as const),
  ...(['form_submit', 'swipe', 'custom', 'scroll', 'dismiss', 'served', 'exposure', 'exposure'] as const),
];
const STEPS: InteractionType[] = [
  'page_view',
  'page_view',
  'view',
  'view',
  'search',
  'ticket_click',
  'purchase',
];
const TRIALS: InteractionType[] = ['exposure', 'exposure', 'purchase', 'refund', 'click'];

interface Kind {
  types: InteractionType[];
  people: number;
  visits: number;
  rows: number;
}
const ANY: Kind = { types: TYPES, people: 6, visits: 10, rows: 50 };
/** Everything happens to few people; visits of more than ten steps, and enough people to compare, need histories of their own. */
const KINDS: Kind[] = [
  ...[ANY, ANY, ANY],
  { types: STEPS, people: 3, visits: 2, rows: 80 },
  { types: TRIALS, people: 60, visits: 100, rows: 200 },
];
/** Hours that a site is ahead of UTC: some are in yesterday or tomorrow. */
const ZONES = [0, 5.75, -8, 14];
/** Most of what the views tell apart lies in the last weeks; half lives and cohorts need the rest. */
const AGES = [1, 12, 35, 70, 200, 330];
/** Days ago at which windows of 7, 30, 60 and 90 days end, as of now and as of ten days ago. */
const EDGES = [17, 30, 40, 60, 100];
const VARIANTS = ['control', 'red', 'blue', ''];
const GENRES = ['jazz', 'rock', 'pop', 'folk', 'soul', 'dub', 'ska'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VISIT_MS = 3 * HOUR_MS;

interface Visit {
  session_id: string;
  start: number;
  user: number;
}

/**
 * One history of one site: a few people, their visits, and what was done to them outside of a visit.
 *
 * The same number makes the same history on the same day. Only what happened today moves with the clock, since none
 * of it may lie ahead.
 */
export function peopleHistoryOf(number: number, now: number): InteractionRow[] {
  const dice = diceOf(number);
  const site = { site_id: `people-${number}`, aheadMs: dice.pick(ZONES) * HOUR_MS };
  const kind = dice.pick(KINDS);
  const people = 1 + dice.below(kind.people);
  const visits = Array.from({ length: 1 + dice.below(kind.visits) }, (_, index) => ({
    session_id: `s${index}`,
    start: momentBefore(dice, now),
    user: 1 + dice.below(people),
  }));
  const rows = Array.from({ length: 15 + dice.below(kind.rows) }, (_, index) => {
    // What a back end tells of belongs to no visit.
    const outside: Visit = { session_id: '', start: momentBefore(dice, now), user: 1 + dice.below(people) };
    const visit = dice.below(4) === 0 ? outside : dice.pick(visits);
    const at = Math.min(visit.start + dice.below(VISIT_MS), now - dice.below(60_000));
    // Who signs in is another person from then on, in the same visit.
    const user = dice.below(8) === 0 ? 1 + dice.below(people) : visit.user;
    return {
      id: `${String(number).padStart(8, '0')}-0000-7000-8000-${String(index).padStart(12, '0')}`,
      user_key: String(user),
      session_id: visit.session_id,
      ...whenOf(dice, at, site.aheadMs),
      ...whatOf(dice, kind.types, at, user),
      site_id: site.site_id,
    };
  });
  const order = rows.map((row) => ({ row, place: dice.next() })).sort((a, b) => a.place - b.place);
  return order.map(({ row }) => row);
}

function momentBefore(dice: Dice, now: number): number {
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const age = dice.below(4) === 0 ? dice.pick(EDGES) + dice.below(3) - 1 : dice.below(dice.pick(AGES));
  const part = dice.next();
  return age === 0 ? midnight + Math.floor(part * (now - midnight)) : midnight - (age - part) * DAY_MS;
}

function whenOf(dice: Dice, exact: number, aheadMs: number) {
  const at = Math.floor(exact);
  return {
    id_day: utc(at).slice(0, 10),
    ts: utc(at),
    occurred_at: utc(at),
    // Late, and from a browser whose clock runs ahead by more than is believed.
    received_at: utc(at + dice.pick([0, 1_000, -400_000, 5 * DAY_MS])),
    local_date: utc(at + aheadMs).slice(0, 10),
  };
}

function whatOf(dice: Dice, types: InteractionType[], at: number, user: number) {
  const type = dice.pick(types);
  const is = (...some: InteractionType[]) => some.includes(type);
  const prices = ['0', '49.99', '50', '149.9999', '150', '499.99', '500', '1200.5'];
  return {
    type,
    batch_id: '00000000-0000-7000-8000-000000000000',
    attempt: 0,
    sdk: 'js/0.1.0',
    env: dice.below(25) === 0 ? 'test' : 'production',
    entity_type: dice.pick(['event', 'event', 'artist', '']),
    entity_id: dice.pick(['e1', 'e2', '']),
    artist_id: dice.pick(['', 'a1', 'a2']),
    venue_id: dice.pick(['', 'v1', 'v2', 'v3']),
    genre: dice.pick([undefined, ...GENRES]),
    price_min: dice.pick([undefined, undefined, ...prices]),
    event_date: dice.pick([undefined, utc(at + dice.below(50) * DAY_MS), utc(at - DAY_MS)])?.slice(0, 10),
    site_value: is('purchase', 'refund') ? dice.pick([undefined, ...prices]) : undefined,
    quantity: dice.pick([undefined, 0, 1, 2, 4]),
    part: is('view', 'media_play') ? dice.below(3) : undefined,
    duration_ms: is('view', 'media_play') ? dice.below(200_000) : undefined,
    undo: dice.below(7) === 0 ? (1 as const) : undefined,
    page_path: is('page_view') ? dice.pick(['/', '/events', '']) : undefined,
    query: is('search') ? 'jazz' : undefined,
    search_id: is('search', 'click') ? dice.pick([undefined, `q${user}-${dice.below(4)}`]) : undefined,
    experiment: is('exposure') ? dice.pick(['poster', 'price']) : undefined,
    // Most see the same each time.
    variant: is('exposure') ? VARIANTS[dice.below(12) === 0 ? dice.below(4) : user % 3] : undefined,
    device: 'mobile',
    browser: 'Firefox',
    os: 'Linux',
    is_bot: dice.below(25) === 0 ? (1 as const) : (0 as const),
  };
}

const utc = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
