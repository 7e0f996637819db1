-- A refund is done to somebody who may be gone already: it is no sign that they come.
-- Sessions are merged as they are read (FINAL), not grouped, and the whole owner is asked for: see user_daily.
CREATE OR REPLACE VIEW turnout.churn_risk
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    churn_risk Float64 COMMENT '0 to 1: 0.40 × falling_engagement + 0.20 × fewer_sessions + 0.25 × no_recent_purchase + 0.15 × abandoned_searches, as of now.',
    reasons Array(String) COMMENT 'The parts that are at least 0.5, strongest first.',
    falling_engagement Float64 COMMENT '0 to 1: how far interactions of the last 30 days stay behind those of the 30 before; 1 without any in 60 days.',
    fewer_sessions Float64 COMMENT '0 to 1: the same of sessions.',
    no_recent_purchase Float64 COMMENT '0 to 1: days since the last purchase / 180, at most 1; 1 for who never purchased.',
    abandoned_searches Float64 COMMENT '0 to 1: share of the searches of the last 30 days of which no result was chosen; 0 without searches.',
    interactions_30 UInt64 COMMENT 'Interactions of the last 30 days, refunds left out.',
    interactions_previous_30 UInt64 COMMENT 'Interactions of the 30 days before, refunds left out.',
    sessions_30 UInt64 COMMENT 'Sessions begun in the last 30 days.',
    sessions_previous_30 UInt64 COMMENT 'Sessions begun in the 30 days before.',
    last_purchase Nullable(Date) COMMENT 'Day of the last purchase; null without.',
    searches_30 UInt64 COMMENT 'Searches of the last 30 days.',
    last_active Nullable(Date) COMMENT 'Last day with an interaction other than a refund; null without.'
)
AS
WITH
    (recent, before) -> if(recent + before = 0, 1, if(before = 0, 0, 1 - least(1, recent / before))) AS fall
SELECT
    site_id,
    user_key,
    0.40 * falling_engagement + 0.20 * fewer_sessions + 0.25 * no_recent_purchase + 0.15 * abandoned_searches AS churn_risk,
    arrayMap(r -> r.2, arrayReverseSort(r -> (r.1, r.2), arrayFilter(r -> r.1 >= 0.5, [
        (falling_engagement, 'falling_engagement'),
        (fewer_sessions, 'fewer_sessions'),
        (no_recent_purchase, 'no_recent_purchase'),
        (abandoned_searches, 'abandoned_searches')
    ]))) AS reasons,
    fall(interactions_30, interactions_previous_30) AS falling_engagement,
    fall(sessions_30, sessions_previous_30) AS fewer_sessions,
    if(isNull(last_purchase), 1, least(1, greatest(0, toInt32(today()) - toInt32(ifNull(last_purchase, today()))) / 180)) AS no_recent_purchase,
    if(searches_30 = 0, 0, sum(a.recent.4) / searches_30) AS abandoned_searches,
    sum(a.recent.1) AS interactions_30,
    sum(a.before.1) AS interactions_previous_30,
    sum(a.recent.2) AS sessions_30,
    sum(a.before.2) AS sessions_previous_30,
    maxOrNull(a.bought_on) AS last_purchase,
    sum(a.recent.3) AS searches_30,
    maxOrNull(a.active_on) AS last_active
FROM
(
    SELECT
        d.site_id AS site_id, d.user_key AS user_key,
        (toUInt64(sumIf(d.interactions - d.refunds, d.date > today() - 30)), toUInt64(0), toUInt64(0), toUInt64(0)) AS recent,
        (toUInt64(sumIf(d.interactions - d.refunds, d.date > today() - 60 AND d.date <= today() - 30)), toUInt64(0)) AS before,
        maxOrNullIf(d.date, d.purchases > 0) AS bought_on,
        maxOrNullIf(d.date, d.interactions > d.refunds) AS active_on
    FROM turnout.user_day AS d
    GROUP BY site_id, user_key
    UNION ALL
    SELECT
        s.site_id AS site_id, materialize(s.owner).user_key AS user_key,
        (toUInt64(0), countIf(s.date > today() - 30), toUInt64(0), toUInt64(0)) AS recent,
        (toUInt64(0), countIf(s.date > today() - 60 AND s.date <= today() - 30)) AS before,
        NULL AS bought_on, NULL AS active_on
    FROM turnout.sessions AS s FINAL
    GROUP BY site_id, user_key
    UNION ALL
    SELECT
        site_id, user_key,
        (toUInt64(0), toUInt64(0), countIf(day > today() - 30), countIf(day > today() - 30 AND chosen = 0)) AS recent,
        (toUInt64(0), toUInt64(0)) AS before,
        NULL AS bought_on, NULL AS active_on
    FROM
    (
        SELECT q.site_id AS site_id, q.user_key AS user_key, q.search_id AS search_id, min(q.date) AS day, sum(q.clicks) AS chosen
        FROM turnout.searches AS q
        GROUP BY site_id, user_key, search_id
        HAVING sum(q.performed) > 0
    )
    GROUP BY site_id, user_key
) AS a
GROUP BY site_id, user_key
COMMENT 'How likely each person is to stay away, as of now, and why.';
