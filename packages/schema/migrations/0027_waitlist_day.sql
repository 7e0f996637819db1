CREATE TABLE IF NOT EXISTS turnout.waitlist_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that is waited for: event, session or offer.',
    entity_id String COMMENT 'What is waited for.',
    user_key UInt64 COMMENT 'The person.',
    first_join SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))) COMMENT 'First waitlist_join of the day; null without.',
    first_place SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))) COMMENT 'First waitlist_offer or waitlist_accept of the day: the wait is over. Null without.',
    joins SimpleAggregateFunction(sum, UInt64) COMMENT 'Times joined.',
    offers SimpleAggregateFunction(sum, UInt64) COMMENT 'Places offered.',
    accepted SimpleAggregateFunction(sum, UInt64) COMMENT 'Offers accepted.',
    declined SimpleAggregateFunction(sum, UInt64) COMMENT 'Offers declined.',
    expired SimpleAggregateFunction(sum, UInt64) COMMENT 'Offers that ran out.',
    leaves SimpleAggregateFunction(sum, UInt64) COMMENT 'Times left without a place.'
)
-- By person, because a wait begins on one day and may end on another: the reader puts the two together.
-- Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, entity_type, entity_id, user_key, date)
TTL date + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each person on a waiting list, each day. Aggregate on reading; waitlist_daily does.';
