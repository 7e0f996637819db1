/** `engagement_scores` and `purchase_likelihood`, said once more in plain TypeScript: all rows of a person, weighed one by one. */
import {
  byPerson,
  type Clock,
  DAY_MS,
  dayNumber,
  isOpening,
  isOwn,
  left,
  type Recount,
  seenAt,
  sign,
  sum,
  utc,
} from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

const SOCIAL = ['like', 'follow', 'friend_add', 'share', 'comment', 'review', 'message'];
const POINTS: [points: number, types: string][] = [
  [10, 'purchase'],
  [8, 'checkout_start booking_request subscribe'],
  [6, 'ticket_click cart_add review tip attendance'],
  [5, 'share waitlist_join waitlist_accept'],
  [4, 'interest follow comment agreement_sign'],
  [3, 'save friend_add message'],
  [2, 'search like media_play form_submit'],
  [1, 'click'],
  [0.5, 'page_view swipe custom'],
  [0.2, 'scroll'],
  [0.1, 'impression'],
];
const POINTS_OF = new Map(
  POINTS.flatMap(([points, types]) => types.split(' ').map((type) => [type, points])),
);

/** Saturates: the first few count most, and nobody gets beyond 1. */
const saturated = (amount: number, scale: number) => 1 - Math.exp(-Math.max(0, amount) / scale);

/** How engaged each person is. */
export function naiveEngagement(rows: InteractionRow[], clock: Clock): Recount {
  return new Map([...byPerson(rows)].map(([person, theirs]) => [person, engagementOf(theirs, clock)]));
}

function engagementOf(rows: InteractionRow[], clock: Clock) {
  const own = rows.filter(isOwn);
  const lastSeen = Math.max(0, ...own.map(seenAt));
  const daysAway = Math.max(0, (clock.now - lastSeen) / DAY_MS);
  const days = [...new Set(own.map(({ local_date }) => local_date))].map(dayNumber);
  const active_days_30 = days.filter((day) => day > dayNumber(clock.today) - 30).length;
  const visits = rows.filter(({ session_id }) => session_id !== '');
  const sessions = new Set(visits.map(({ session_id }) => session_id)).size;
  const pages_per_session = sessions === 0 ? 0 : visits.filter(isOpening).length / sessions;
  const attended = rows.filter(({ type }) => type === 'view' || type === 'media_play');
  const minutes = attended.map((row) => ((row.duration_ms ?? 0) / 60_000) * left(row, clock, 30));
  const acts = rows.filter(({ type }) => SOCIAL.includes(type));

  const frequency = Math.min(1, active_days_30 / 12);
  const depth = Math.min(1, pages_per_session / 6) * 2 ** (-daysAway / 30);
  const recency = 2 ** (-daysAway / 7);
  const content = saturated(sum(minutes), 10);
  const social = saturated(sum(acts.map((row) => sign(row) * left(row, clock, 30))), 5);
  return {
    ...{ frequency, depth, recency, content, social, active_days_30, pages_per_session },
    last_seen: utc(lastSeen),
    engagement_score: 25 * frequency + 20 * depth + 20 * recency + 20 * content + 15 * social,
  };
}

/** How likely each person is to purchase, where no model is published. */
export function naiveLikelihood(rows: InteractionRow[], clock: Clock): Recount {
  return new Map([...byPerson(rows)].map(([person, theirs]) => [person, likelihoodOf(theirs, clock)]));
}

function likelihoodOf(rows: InteractionRow[], clock: Clock) {
  const purchases = rows.filter(({ type }) => type === 'purchase').length;
  const clicks = rows.filter(({ type }) => type === 'ticket_click').length;
  const points = rows.map((row) => sign(row) * pointsOf(row) * left(row, clock, 30));

  const purchase_rate = purchases === 0 ? 0 : purchases / Math.max(purchases, clicks);
  const recent_activity = saturated(sum(points), 20);
  const has_purchased = purchases > 0 ? 1 : 0;
  return {
    ...{ purchase_rate, recent_activity, has_purchased },
    purchase_likelihood: 0.4 * purchase_rate + 0.3 * recent_activity + 0.3 * has_purchased,
    purchase_probability: null,
  };
}

function pointsOf(row: InteractionRow): number {
  if (row.type === 'view') return isOpening(row) ? 2 : 0;
  return POINTS_OF.get(row.type) ?? 0;
}
