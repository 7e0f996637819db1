-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.waitlist_day_mv TO turnout.waitlist_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that is waited for: event, session or offer.',
    entity_id String COMMENT 'What is waited for.',
    user_key UInt64 COMMENT 'The person.',
    first_join Nullable(DateTime64(3, 'UTC')) COMMENT 'First waitlist_join of the day; null without.',
    first_place Nullable(DateTime64(3, 'UTC')) COMMENT 'First waitlist_offer or waitlist_accept of the day: the wait is over. Null without.',
    joins UInt64 COMMENT 'Times joined.',
    offers UInt64 COMMENT 'Places offered.',
    accepted UInt64 COMMENT 'Offers accepted.',
    declined UInt64 COMMENT 'Offers declined.',
    expired UInt64 COMMENT 'Offers that ran out.',
    leaves UInt64 COMMENT 'Times left without a place.'
)
AS
SELECT
    site_id,
    local_date AS date,
    entity_type,
    entity_id,
    user_key,
    -- Null and not 1970 where there is none: it would win every later minimum.
    minOrNullIf(ts, type = 'waitlist_join') AS first_join,
    minOrNullIf(ts, type IN ('waitlist_offer', 'waitlist_accept')) AS first_place,
    countIf(type = 'waitlist_join') AS joins,
    countIf(type = 'waitlist_offer') AS offers,
    countIf(type = 'waitlist_accept') AS accepted,
    countIf(type = 'waitlist_decline') AS declined,
    countIf(type = 'waitlist_expire') AS expired,
    countIf(type = 'waitlist_leave') AS leaves
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production'
    AND type IN ('waitlist_join', 'waitlist_offer', 'waitlist_accept', 'waitlist_decline', 'waitlist_expire', 'waitlist_leave')
GROUP BY site_id, date, entity_type, entity_id, user_key
COMMENT 'Feeds waitlist_day from each block of interactions; bots and test environments are left out.';
