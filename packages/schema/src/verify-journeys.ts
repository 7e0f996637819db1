/**
 * The recounts of what runs through many interactions of a person: tastes, experiments, waiting lists,
 * what was played, searches and the funnel.
 */
import { among, count, growthOver, type Rollup, seen, takenBack } from './recount.ts';

const growth = growthOver(90, 21_000);
const POINTS: Record<number, string[]> = {
  10: ['purchase'],
  8: ['checkout_start', 'booking_request'],
  6: ['ticket_click', 'cart_add', 'review', 'attendance'],
  5: ['share', 'waitlist_join'],
  4: ['interest', 'follow', 'comment'],
  3: ['save'],
  2: ['view', 'like', 'media_play'],
  1: ['click'],
};
const says = `(${among(Object.values(POINTS).flat())} AND NOT (type = 'view' AND part > 0))`;
const points = `multiIf(${Object.entries(POINTS)
  .map(([value, types]) => `${among(types)}, ${value}`)
  .join(', ')}, 0)`;
const band = (amount: string) =>
  `arrayElement(['budget', 'moderate', 'premium', 'luxury'], 1 + (${amount} >= 50) + (${amount} >= 150) + (${amount} >= 500))`;
/** Each kind of taste: what a row says of it, and which rows say anything. */
const TASTES: [kind: string, value: string, condition: string][] = [
  ['genre', 'toString(genre)', `genre != ''`],
  ['artist', 'artist_id', `artist_id != ''`],
  ['venue', 'venue_id', `venue_id != ''`],
  ['price', band('toFloat64(price_min)'), 'price_min >= 0'],
  [
    'price',
    band('(toFloat64(site_value) / if(coalesce(quantity, 1) = 0, 1, coalesce(quantity, 1)))'),
    `type = 'purchase' AND price_min IS NULL AND site_value >= 0`,
  ],
  ['spending', band('toFloat64(site_value)'), `type = 'purchase' AND site_value >= 0`],
  ['week', `if(toDayOfWeek(event_date) IN (5, 6, 7), 'weekend', 'weekday')`, 'event_date IS NOT NULL'],
  [
    'lead',
    `if(event_date > local_date + 30, 'planner', if(event_date > local_date + 7, 'ahead', 'last_minute'))`,
    `type = 'purchase' AND event_date >= local_date`,
  ],
  ['party', `if(quantity > 1, 'group', 'solo')`, `type = 'purchase'`],
];

const QUARTERS: Record<number, string> = {
  0: 'starts',
  25: 'reached_25',
  50: 'reached_50',
  75: 'reached_75',
  100: 'completions',
};
const searchId = `if(search_id != '', search_id, toString(id))`;
const FUNNEL = ['impression', 'click', 'view', 'interest', 'ticket_click', 'purchase'];

/** These rollups, as {@link Rollup} says. */
export const JOURNEYS: Rollup[] = [
  {
    table: 'user_preferences',
    by: { rollup: 'user_key', raw: 'user_key' },
    key: ['user_key', 'kind', 'value'].map((column) => ({ column, rollup: column })),
    since: 'first_seen',
    recount: (rows) => `
      SELECT site_id, user_key, kind, liked AS value,
        min(${seen}) AS first_seen,
        max(${seen}) AS last_seen,
        count() AS interactions,
        ${count(`type = 'purchase'`, 'purchases')},
        sum(if(${takenBack}, 0, ${points} * ${growth})) AS points_90,
        sum(if(${takenBack}, ${points} * ${growth}, 0)) AS points_undone_90
      FROM (${TASTES.map(
        ([kind, value, condition]) =>
          `SELECT site_id, user_key, type, undo, ts, received_at, '${kind}' AS kind, assumeNotNull(${value}) AS liked
           FROM ${rows} WHERE ${says} AND ${condition}`,
      ).join(' UNION ALL ')})
      GROUP BY site_id, user_key, kind, liked`,
  },
  {
    table: 'experiment_users',
    by: { rollup: 'user_key', raw: 'user_key' },
    key: ['user_key', 'experiment', 'variant'].map((column) => ({ column, rollup: column })),
    since: 'first_exposure',
    recount: (rows) => `
      SELECT site_id, user_key, experiment, variant,
        min(ts) AS first_exposure, max(ts) AS last_exposure, count() AS exposures
      FROM ${rows}
      WHERE type = 'exposure' AND experiment != ''
      GROUP BY site_id, user_key, experiment, variant`,
  },
  {
    table: 'waitlist_day',
    by: 'day',
    key: ['entity_type', 'entity_id', 'user_key'].map((column) => ({ column, rollup: column })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, entity_type, entity_id, user_key,
        min(if(type = 'waitlist_join', ts, NULL)) AS first_join,
        min(if(type = 'waitlist_offer' OR type = 'waitlist_accept', ts, NULL)) AS first_place,
        ${count(`type = 'waitlist_join'`, 'joins')},
        ${count(`type = 'waitlist_offer'`, 'offers')},
        ${count(`type = 'waitlist_accept'`, 'accepted')},
        ${count(`type = 'waitlist_decline'`, 'declined')},
        ${count(`type = 'waitlist_expire'`, 'expired')},
        ${count(`type = 'waitlist_leave'`, 'leaves')}
      FROM ${rows}
      WHERE startsWith(type, 'waitlist_')
      GROUP BY site_id, local_date, entity_type, entity_id, user_key`,
  },
  {
    table: 'media_day',
    by: 'day',
    key: ['entity_type', 'entity_id', 'media'].map((column) => ({ column, rollup: column })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, entity_type, entity_id, media,
        ${[0, 25, 50, 75, 100].map((part) => count(`coalesce(quartile, 1) = ${part}`, QUARTERS[part] as string)).join(', ')},
        sum(duration_ms) AS played_ms
      FROM ${rows}
      WHERE type = 'media_play' AND NOT (entity_type = '' OR entity_id = '')
      GROUP BY site_id, local_date, entity_type, entity_id, media`,
  },
  {
    table: 'searches',
    by: { rollup: 'sipHash64(search_id)', raw: `sipHash64(${searchId})` },
    key: [
      { column: 'search_id', rollup: 'sipHash64(search_id)' },
      { column: 'user_key', rollup: 'user_key' },
    ],
    since: 'first_ts',
    recount: (rows) => `
      SELECT site_id, user_key, search AS search_id,
        min(local_date) AS date,
        min(ts) AS first_ts,
        max(ts) AS last_ts,
        max(if(type = 'search', wanted, '')) AS query,
        ${count(`type = 'search'`, 'performed')},
        max(if(type = 'search', result_count, NULL)) AS results,
        ${count(`type = 'click'`, 'clicks')},
        count(if(type = 'click', position, NULL)) AS ranked_clicks,
        sum(if(type = 'click', coalesce(toUInt64(position) + 1, 0), 0)) AS rank_sum
      FROM (
        SELECT *, query AS wanted, sipHash64(${searchId}) AS search FROM ${rows}
        WHERE type = 'search' OR (type = 'click' AND search_id != '')
      )
      GROUP BY site_id, user_key, search`,
  },
  {
    table: 'funnel_day',
    by: 'day',
    key: [{ column: 'event_id', rollup: 'event_id' }],
    // Rows without an impression say that there is nothing to say.
    valid: `SELECT * EXCEPT (computed_at) FROM turnout.funnel_day
      WHERE impressions > 0 AND (site_id, date, computed_at) IN (SELECT site_id, date, max(computed_at) FROM turnout.funnel_day GROUP BY site_id, date)`,
    recount: (rows) => `
      SELECT site_id, date, event_id,
        sum(toUInt64(level >= 1)) AS impressions, sum(toUInt64(level >= 2)) AS clicks, sum(toUInt64(level >= 3)) AS views,
        sum(toUInt64(level >= 4)) AS interested, sum(toUInt64(level >= 5)) AS ticket_clicks, sum(toUInt64(level >= 6)) AS purchases
      FROM (
        SELECT site_id, local_date AS date, user_key, arrayJoin([entity_id, '']) AS event_id,
          max(arrayFold((reached, step) -> if(step.2 = reached + 1, reached + 1, reached), steps, toInt64(0))) AS level
        FROM (
          SELECT site_id, local_date, user_key, entity_id,
            arraySort(groupArray((ts, indexOf([${FUNNEL.map((type) => `'${type}'`).join(', ')}], type)))) AS steps
          FROM ${rows}
          WHERE entity_type = 'event' AND entity_id != '' AND undo = 0 AND ${among(FUNNEL)} AND NOT (type = 'view' AND part > 0)
          GROUP BY site_id, local_date, user_key, entity_id
        )
        GROUP BY site_id, date, user_key, event_id
      )
      GROUP BY site_id, date, event_id
      HAVING impressions > 0`,
  },
];
