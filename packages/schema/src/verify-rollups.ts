/**
 * What each rollup holds, said a second time: plain aggregates over raw rows, written without looking at the
 * materialized views, so that the two can only agree by both being right.
 */

import {
  among,
  count,
  distinct,
  gross,
  growthOver,
  net,
  people,
  activityPoints as points,
  type Rollup,
  refunded,
  seen,
  takenBack,
  viewMs,
} from './recount.ts';
import { JOURNEYS } from './verify-journeys.ts';

const opened = `(type = 'page_view' OR (type = 'view' AND part = 0))`;

const social = among(['like', 'follow', 'friend_add', 'share', 'comment', 'review', 'message']);
const own = `NOT ${among(['refund', 'waitlist_offer', 'waitlist_expire'])}`;

const growth = growthOver(30, 7000);

/** Types that `site_day` merely counts, and the column of each. */
const COUNTED = [
  ['page_view', 'page_views'],
  ['served', 'served'],
  ['impression', 'impressions'],
  ['click', 'clicks'],
  ['comment', 'comments'],
  ['share', 'shares'],
  ['review', 'reviews'],
  ['search', 'searches'],
  ['ticket_click', 'ticket_clicks'],
  ['cart_add', 'cart_adds'],
  ['purchase', 'purchases'],
  ['refund', 'refunds'],
] as const;

/** Every rollup there is: a table that is fed by a materialized view and missing here fails a test. */
export const ROLLUPS: Rollup[] = [
  {
    table: 'entity_day',
    by: 'day',
    key: ['entity_type', 'entity_id', 'via'].map((column) => ({ column, rollup: column })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, kind AS entity_type, thing AS entity_id, via,
        ${count(`type = 'served'`, 'served')},
        ${count(`type = 'impression'`, 'impressions')},
        ${count(`type = 'click'`, 'clicks')},
        ${count(`type = 'view' AND part = 0`, 'views')},
        ${viewMs},
        ${net(`type = 'interest'`, 'interested')},
        ${net(`type = 'like'`, 'likes')},
        ${net(`type = 'save'`, 'saves')},
        ${net(`type = 'follow'`, 'follows')},
        ${count(`type = 'comment'`, 'comments')},
        ${count(`type = 'share'`, 'shares')},
        ${count(`type = 'review'`, 'reviews')},
        count(if(type = 'review', rating, NULL)) AS ratings,
        sum(if(type = 'review', toDecimal128(rating, 4), NULL)) AS rated,
        coalesce(rated, toDecimal128(0, 4)) AS rating_sum,
        ${count(`type = 'ticket_click'`, 'ticket_clicks')},
        ${count(`type = 'cart_add'`, 'cart_adds')},
        ${count(`type = 'purchase'`, 'purchases')},
        ${count(`type = 'refund'`, 'refunds')},
        sum(coalesce(pieces, 1) * (type = 'purchase')) AS quantity,
        sum(coalesce(pieces, 1) * (type = 'refund')) AS refunded_quantity,
        ${gross} AS gross,
        ${gross} - ${refunded} AS revenue,
        ${count(`type = 'dismiss'`, 'dismissals')},
        ${people('1', 'people')},
        ${people(`type = 'impression'`, 'reach')},
        ${people(`type = 'view' OR type = 'click'`, 'viewers')},
        ${people(`type = 'purchase'`, 'buyers')},
        ${people(`type = 'attendance'`, 'attendees')},
        ${distinct('itself', `via = 'event'`, 'events')},
        ${distinct('itself', `via = 'event' AND (type = 'attendance' OR event_date = local_date)`, 'events_hosted')}
      FROM (
        SELECT *, entity_type AS kind, entity_id AS thing, 'direct' AS via, entity_id AS itself, quantity AS pieces FROM ${rows}
        UNION ALL
        SELECT *, 'artist', artist_id, 'event', entity_id, quantity FROM ${rows} WHERE entity_type = 'event' AND artist_id != ''
        UNION ALL
        SELECT *, 'venue', venue_id, 'event', entity_id, quantity FROM ${rows} WHERE entity_type = 'event' AND venue_id != ''
      )
      WHERE kind != '' AND itself != ''
      GROUP BY site_id, local_date, kind, thing, via`,
  },
  {
    table: 'site_day',
    by: 'day',
    key: [{ column: 'entity_type', rollup: 'entity_type' }],
    recount: (rows) => `
      SELECT site_id, local_date AS date, entity_type,
        count() AS interactions,
        ${COUNTED.map(([type, column]) => count(`type = '${type}'`, column)).join(', ')},
        ${count(`type = 'view' AND part = 0`, 'views')},
        ${net(`type = 'interest'`, 'interested')},
        ${net(`type = 'like'`, 'likes')},
        ${net(`type = 'save'`, 'saves')},
        ${net(`type = 'follow'`, 'follows')},
        sum(coalesce(pieces, 1) * (type = 'purchase')) AS quantity,
        sum(coalesce(pieces, 1) * (type = 'refund')) AS refunded_quantity,
        ${gross} AS gross,
        ${gross} - ${refunded} AS revenue
      FROM (SELECT *, quantity AS pieces FROM ${rows})
      GROUP BY site_id, local_date, entity_type`,
  },
  {
    table: 'event_demographics_day',
    by: 'day',
    key: ['event_id', 'facet', 'age_band', 'gender', 'city', 'country'].map((column) => ({
      column,
      rollup: column,
    })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, entity_id AS event_id, 'demographics' AS facet,
        age_band, gender, '' AS city, '' AS country, uniq(user_key) AS viewers
      FROM (SELECT site_id, local_date, entity_type, entity_id, type, user_key, age_band, gender FROM ${rows})
      WHERE entity_type = 'event' AND entity_id != '' AND (type = 'view' OR type = 'click') AND NOT (age_band = '' AND gender = '')
      GROUP BY site_id, local_date, entity_id, age_band, gender
      UNION ALL
      SELECT site_id, local_date, entity_id, 'location', '', '', city, country, uniq(user_key)
      FROM (SELECT site_id, local_date, entity_type, entity_id, type, user_key, city, country FROM ${rows})
      WHERE entity_type = 'event' AND entity_id != '' AND (type = 'view' OR type = 'click') AND NOT (city = '' AND country = '')
      GROUP BY site_id, local_date, entity_id, city, country`,
  },
  {
    table: 'user_day',
    by: 'day',
    key: [{ column: 'user_key', rollup: 'user_key' }],
    recount: (rows) => `
      SELECT site_id, local_date AS date, user_key,
        count() AS interactions,
        ${count(`type = 'impression'`, 'impressions')},
        ${count(`type = 'view' AND entity_type = 'event' AND part = 0`, 'events_viewed')},
        ${count(`type = 'click' AND entity_type = 'event'`, 'events_clicked')},
        ${net(`type = 'interest' AND entity_type = 'event'`, 'events_interested')},
        ${count(`type = 'ticket_click'`, 'ticket_links_clicked')},
        ${count(`type = 'review'`, 'reviews_written')},
        ${net(`type = 'like' AND entity_type = 'review'`, 'reviews_liked')},
        ${count(`type = 'comment' AND entity_type = 'review'`, 'reviews_commented')},
        ${count(`type = 'friend_add'`, 'friends_added')},
        ${count(`type = 'message'`, 'messages_sent')},
        ${count(`type = 'share'`, 'shares_sent')},
        ${count(`type = 'search'`, 'searches_performed')},
        ${viewMs},
        ${count(`type = 'purchase'`, 'purchases')},
        ${count(`type = 'refund'`, 'refunds')},
        ${gross} AS gross,
        ${gross} - ${refunded} AS revenue
      FROM ${rows}
      GROUP BY site_id, local_date, user_key`,
  },
  {
    table: 'sessions',
    by: { rollup: 'sipHash64(session_id)', raw: 'session_key' },
    key: [{ column: 'session_id', rollup: 'sipHash64(session_id)' }],
    since: 'first_ts',
    rebuildableDays: 89,
    recount: (rows) => `
      SELECT site_id, session_key AS session_id,
        arraySort(groupArray((ts, user_key)))[1] AS owner,
        -- Not that of the first moment: a site that moves to another time zone may have an earlier day after it.
        min(local_date) AS date,
        min(ts) AS first_ts,
        max(ts) AS last_ts,
        count() AS interactions,
        ${count(opened, 'pages')},
        ${count(`type = 'ticket_click'`, 'ticket_clicks')},
        ${count(`type = 'purchase'`, 'purchases')}
      FROM ${rows}
      WHERE session_key != sipHash64('')
      GROUP BY site_id, session_key`,
  },
  {
    table: 'user_state',
    by: { rollup: 'user_key', raw: 'user_key' },
    key: [{ column: 'user_key', rollup: 'user_key' }],
    since: 'first_seen',
    recount: (rows) => `
      SELECT site_id, user_key,
        min(${seen}) AS first_seen,
        max(if(${own}, ${seen}, toDateTime64(0, 3, 'UTC'))) AS last_seen,
        arraySort(groupUniqArray(if(${own}, toUInt32(local_date), NULL))) AS active_days,
        ${distinct('session_key', `session_key != sipHash64('')`, 'sessions')},
        ${count(`${opened} AND session_key != sipHash64('')`, 'pages')},
        ${count(`type = 'ticket_click'`, 'ticket_clicks')},
        ${count(`type = 'purchase'`, 'purchases')},
        sum(if(${takenBack}, 0, ${points} * ${growth})) AS activity_30,
        sum(if(${takenBack}, ${points} * ${growth}, 0)) AS activity_undone_30,
        sum(if(${among(['view', 'media_play'])}, duration_ms / 1000 / 60, 0) * ${growth}) AS content_30,
        sum(if(${social} AND NOT ${takenBack}, ${growth}, 0)) AS social_30,
        sum(if(${social} AND ${takenBack}, ${growth}, 0)) AS social_undone_30
      FROM ${rows}
      GROUP BY site_id, user_key`,
  },
  ...JOURNEYS,
];
