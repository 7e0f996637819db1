/** The words that recounts are said in: plain aggregates over raw rows. */

/** One rollup, and how to count it again. */
export interface Rollup {
  table: string;
  /** Cut into pieces by day, or by a hash of the key where a row spans days. */
  by: 'day' | { rollup: string; raw: string };
  /** The columns that name a row beside the site and the day, as text. */
  key: { column: string; rollup: string }[];
  /** The column with the earliest moment a row covers: raw forgets, so an older row cannot be counted again. */
  since?: string;
  /**
   * How many days back rows can be rebuilt, where that is less than raw reaches: the text of `session_id`
   * is gone after 90 days, and only its hash remains.
   */
  rebuildableDays?: number;
  /**
   * A SELECT of the rows that are valid, for a rollup that is counted anew from raw: it keeps what it counted
   * before beside them.
   */
  valid?: string;
  /** A SELECT of site, day, key and every measure from `rows`, a subquery of raw interactions that count. */
  recount: (rows: string) => string;
}

/* Each takes a condition on a raw row and the column that it makes. */
export const count = (condition: string, column: string) => `sum(toUInt64(${condition})) AS ${column}`;
export const net = (condition: string, column: string) =>
  `sum(multiIf(NOT (${condition}), 0, undo = 1, -1, 1)) AS ${column}`;
export const distinct = (what: string, condition: string, column: string) =>
  `coalesce(uniq(if(${condition}, ${what}, NULL)), 0) AS ${column}`;
export const people = (condition: string, column: string) => distinct('user_key', condition, column);
const money = 'coalesce(toDecimal128(site_value, 4), toDecimal128(0, 4))';
export const gross = `sum(${money} * (type = 'purchase'))`;
export const refunded = `sum(abs(${money}) * (type = 'refund'))`;
export const viewMs = `sum(duration_ms * (type = 'view')) AS view_ms`;

export const among = (types: string[]) => `type IN (${types.map((type) => `'${type}'`).join(', ')})`;

const POINTS: Record<number, string[]> = {
  10: ['purchase'],
  8: ['checkout_start', 'booking_request', 'subscribe'],
  6: ['ticket_click', 'cart_add', 'review', 'tip', 'attendance'],
  5: ['share', 'waitlist_join', 'waitlist_accept'],
  4: ['interest', 'follow', 'comment', 'agreement_sign'],
  3: ['save', 'friend_add', 'message'],
  2: ['search', 'like', 'media_play', 'form_submit'],
  1: ['click'],
  0.5: ['page_view', 'swipe', 'custom'],
  0.2: ['scroll'],
  0.1: ['impression'],
};
/** The points of an interaction in `user_state.activity_30`. */
export const activityPoints = `multiIf(type = 'view', if(part = 0, 2, 0), ${Object.entries(POINTS)
  .map(([value, types]) => `${among(types)}, ${value}`)
  .join(', ')}, 0)`;
export const takenBack = `(undo = 1 AND ${among(['like', 'save', 'follow', 'interest'])})`;
export const seen = 'if(ts > received_at + INTERVAL 300 SECOND, received_at + INTERVAL 300 SECOND, ts)';
const daysSinceT0 = `(toFloat64(toUnixTimestamp64Milli(${seen})) / 86400000 - 20454)`;
/** 2^(days since 2026-01-01 / half-life), bounded where a clock is absurd. */
export const growthOver = (halfLife: number, bound: number) =>
  `pow(2, multiIf(${daysSinceT0} > ${bound}, ${bound}, ${daysSinceT0} < -${bound}, -${bound}, ${daysSinceT0}) / ${halfLife})`;
