CREATE TABLE IF NOT EXISTS turnout.sessions
(
    site_id LowCardinality(String) COMMENT 'The site.',
    session_id String COMMENT 'The visit, a random id.',
    owner SimpleAggregateFunction(min, Tuple(ts DateTime64(3, 'UTC'), user_key UInt64)) COMMENT 'Time and person of the first interaction: owner.user_key is whose session it is, also when the visitor signs in later.',
    date SimpleAggregateFunction(min, Date) COMMENT 'Day of the first interaction in the time zone of the site.',
    first_ts SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'First interaction.',
    last_ts SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Last interaction; last_ts - first_ts is how long the session was.',
    interactions SimpleAggregateFunction(sum, UInt64) COMMENT 'Interactions of any type.',
    pages SimpleAggregateFunction(sum, UInt64) COMMENT 'Pages and details opened: page_view, and view with part 0.',
    ticket_clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on ticket links.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases, refunded ones included.'
)
-- A session may arrive in many blocks and over midnight, so its key is its id alone; readers group by it.
-- Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, session_id)
TTL toDateTime(last_ts) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each session. Aggregate on reading; user_daily does. Cookieless visitors have none.';
