/** The same question to the rollups and to raw. Both answer with one row, whose first column must agree. */
export interface Question {
  name: string;
  rollup: string;
  raw: string;
}

const production = `is_bot = 0 AND env = 'production' AND site_id = 'demo'`;
const month = (column: string) => `${column} > today() - 30`;
const steps = ['impression', 'click', 'view', 'interest', 'ticket_click', 'purchase'];

/** Points of recent activity, as `user_state.activity_30` has them, of the types that the bench makes up. */
const points = `transform(type, ['purchase', 'ticket_click', 'interest', 'view', 'click', 'page_view', 'impression'], [10., 6., 4., 2., 1., 0.5, 0.1], 0.)`;

/** @param userKey - A person with many interactions. */
export function questionsAbout(userKey: string): Question[] {
  return [
    {
      name: '30-day site totals',
      rollup: `SELECT sum(impressions) AS seen, sum(clicks), sum(purchases), sum(revenue)
        FROM turnout.site_day WHERE site_id = 'demo' AND entity_type = 'event' AND ${month('date')}`,
      raw: `SELECT countIf(type = 'impression') AS seen, countIf(type = 'click'), countIf(type = 'purchase'), sumIf(ifNull(site_value, 0), type = 'purchase')
        FROM turnout.interactions WHERE ${production} AND entity_type = 'event' AND ${month('local_date')}`,
    },
    {
      name: 'people of 30 days',
      rollup: `SELECT uniq(user_key) AS people FROM turnout.user_day WHERE site_id = 'demo' AND ${month('date')}`,
      raw: `SELECT uniq(user_key) AS people FROM turnout.interactions WHERE ${production} AND ${month('local_date')}`,
    },
    {
      name: 'one event, 30 days',
      rollup: `SELECT sum(impressions) AS seen, sum(clicks), sum(ticket_clicks), sum(purchases), uniqMerge(viewers), uniqMerge(reach)
        FROM turnout.entity_day WHERE site_id = 'demo' AND entity_type = 'event' AND via = 'direct' AND entity_id = 'event-3' AND ${month('date')}`,
      raw: `SELECT countIf(type = 'impression') AS seen, countIf(type = 'click'), countIf(type = 'ticket_click'), countIf(type = 'purchase'),
          uniqIf(user_key, type IN ('view', 'click')), uniqIf(user_key, type = 'impression')
        FROM turnout.interactions WHERE ${production} AND entity_type = 'event' AND entity_id = 'event-3' AND ${month('local_date')}`,
    },
    {
      name: "one person's score",
      rollup: `SELECT round(purchase_likelihood, 3) AS score FROM turnout.purchase_likelihood WHERE site_id = 'demo' AND user_key = ${userKey}`,
      raw: `WITH countIf(type = 'purchase') AS bought
        SELECT round(0.4 * if(bought = 0, 0, bought / greatest(bought, countIf(type = 'ticket_click')))
          + 0.3 * (1 - exp(-sum(${points} * exp2(-dateDiff('second', ts, now()) / 86400 / 30)) / 20)) + 0.3 * (bought > 0), 3) AS score
        FROM turnout.interactions WHERE ${production} AND user_key = ${userKey}`,
    },
    {
      name: "one person's engagement",
      rollup: `SELECT round(engagement_score, 1) AS score FROM turnout.engagement_scores WHERE site_id = 'demo' AND user_key = ${userKey}`,
      raw: `WITH dateDiff('second', max(ts), now()) / 86400 AS away, exp2(-dateDiff('second', ts, now()) / 86400 / 30) AS decayed
        SELECT round(100 * (0.25 * least(1, uniqExactIf(local_date, ${month('local_date')}) / 12)
          + 0.20 * least(1, countIf(type = 'page_view' OR (type = 'view' AND part = 0)) / uniqExact(session_key) / 6) * exp2(-away / 30)
          + 0.20 * exp2(-away / 7)
          + 0.20 * (1 - exp(-sumIf(duration_ms / 60000 * decayed, type = 'view') / 10))
          + 0.15 * (1 - exp(-sumIf(decayed, type IN ('like', 'follow', 'friend_add', 'share', 'comment', 'review', 'message')) / 5))), 1) AS score
        FROM turnout.interactions WHERE ${production} AND user_key = ${userKey}`,
    },
    {
      name: 'funnel of all events, 30 days',
      rollup: `SELECT sum(impressions) AS reached, sum(clicks), sum(views), sum(interested), sum(ticket_clicks), sum(purchases)
        FROM turnout.funnel_daily WHERE site_id = 'demo' AND event_id != '' AND ${month('date')}`,
      raw: `SELECT countIf(level >= 1) AS reached, ${[2, 3, 4, 5, 6].map((level) => `countIf(level >= ${level})`).join(', ')}
        FROM (
          SELECT windowFunnel(172800000)(toUInt64(toUnixTimestamp64Milli(ts)), ${steps.map((step) => `type = '${step}'`).join(', ')}) AS level
          FROM turnout.interactions
          WHERE ${production} AND entity_type = 'event' AND undo = 0 AND (type != 'view' OR part = 0) AND ${month('local_date')}
          GROUP BY local_date, user_key, entity_id
        )`,
    },
  ];
}
