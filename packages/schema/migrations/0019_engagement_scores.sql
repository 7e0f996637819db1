CREATE VIEW IF NOT EXISTS turnout.engagement_scores
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    engagement_score Float64 COMMENT '0 to 100: 100 × (0.25 × frequency + 0.20 × depth + 0.20 × recency + 0.20 × content + 0.15 × social), as of now.',
    frequency Float64 COMMENT '0 to 1: active_days_30 / 12, at most 1.',
    depth Float64 COMMENT '0 to 1: pages_per_session / 6, at most 1, halved for every 30 days since last_seen.',
    recency Float64 COMMENT '0 to 1: 2^(-days since last_seen / 7).',
    content Float64 COMMENT '0 to 1: 1 - e^(-minutes / 10), of minutes of views and media played, each halved for every 30 days since.',
    social Float64 COMMENT '0 to 1: 1 - e^(-acts / 5), of likes, follows, friends added, shares, comments, reviews and messages, net of undone, each halved for every 30 days since.',
    active_days_30 UInt64 COMMENT 'Days among the last 30 with an interaction of their own.',
    pages_per_session Float64 COMMENT 'Pages and details opened in sessions / sessions; 0 without sessions.',
    last_seen DateTime64(3, 'UTC') COMMENT 'Last interaction of their own.'
)
AS
WITH
    (toUnixTimestamp64Milli(now64(3)) - 1767225600000) / 86400000 / 30 AS half_lives,
    -- Never negative: a clock may run a little ahead of ours.
    greatest(0, (toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(last_seen)) / 86400000) AS days_away
SELECT
    site_id,
    user_key,
    100 * (0.25 * frequency + 0.20 * depth + 0.20 * recency + 0.20 * content + 0.15 * social) AS engagement_score,
    least(1, active_days_30 / 12) AS frequency,
    least(1, pages_per_session / 6) * exp2(-days_away / 30) AS depth,
    exp2(-days_away / 7) AS recency,
    1 - exp(-content_30 * exp2(-half_lives) / 10) AS content,
    1 - exp(-greatest(0, social_30 - social_undone_30) * exp2(-half_lives) / 5) AS social,
    -- A site ahead of UTC may already be in tomorrow.
    bitmapCardinality(bitmapSubsetInRange(days, toUInt32(today() - 29), toUInt32(today() + 2))) AS active_days_30,
    if(sessions = 0, 0, pages / sessions) AS pages_per_session,
    last_seen
FROM
(
    SELECT
        s.site_id AS site_id,
        s.user_key AS user_key,
        max(s.last_seen) AS last_seen,
        groupBitmapMergeState(s.active_days) AS days,
        uniqMerge(s.sessions) AS sessions,
        sum(s.pages) AS pages,
        sum(s.content_30) AS content_30,
        sum(s.social_30) AS social_30,
        sum(s.social_undone_30) AS social_undone_30
    FROM turnout.user_state AS s
    GROUP BY site_id, user_key
)
COMMENT 'How engaged each person is, as of now; it falls by itself while they stay away.';
