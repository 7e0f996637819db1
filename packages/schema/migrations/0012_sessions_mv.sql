-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.sessions_mv TO turnout.sessions
(
    site_id LowCardinality(String) COMMENT 'The site.',
    session_id String COMMENT 'The visit, a random id.',
    owner Tuple(ts DateTime64(3, 'UTC'), user_key UInt64) COMMENT 'Time and person of the first interaction: owner.user_key is whose session it is, also when the visitor signs in later.',
    date Date COMMENT 'Day of the first interaction in the time zone of the site.',
    first_ts DateTime64(3, 'UTC') COMMENT 'First interaction.',
    last_ts DateTime64(3, 'UTC') COMMENT 'Last interaction; last_ts - first_ts is how long the session was.',
    interactions UInt64 COMMENT 'Interactions of any type.',
    pages UInt64 COMMENT 'Pages and details opened: page_view, and view with part 0.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.'
)
AS
SELECT
    site_id,
    session_id,
    -- The smallest pair and not argMin: two rows of one moment give the same owner in any order of arrival.
    CAST(min((ts, user_key)), 'Tuple(ts DateTime64(3, \'UTC\'), user_key UInt64)') AS owner,
    min(local_date) AS date,
    min(ts) AS first_ts,
    max(ts) AS last_ts,
    count() AS interactions,
    countIf(type = 'page_view' OR (type = 'view' AND part = 0)) AS pages,
    countIf(type = 'ticket_click') AS ticket_clicks,
    countIf(type = 'purchase') AS purchases
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production' AND session_id != ''
GROUP BY site_id, session_id
COMMENT 'Feeds sessions from each block of interactions; bots and test environments are left out.';
