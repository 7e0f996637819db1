CREATE TABLE IF NOT EXISTS turnout.user_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    date Date COMMENT 'Day in the time zone of the site.',
    interactions SimpleAggregateFunction(sum, UInt64) COMMENT 'Interactions of any type.',
    impressions SimpleAggregateFunction(sum, UInt64) COMMENT 'Things seen: at least half visible for at least a second.',
    events_viewed SimpleAggregateFunction(sum, UInt64) COMMENT 'Details of events opened (views of events, part 0).',
    events_clicked SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on events.',
    events_interested SimpleAggregateFunction(sum, Int64) COMMENT 'Interest shown in events, net of undone.',
    ticket_links_clicked SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on ticket links.',
    reviews_written SimpleAggregateFunction(sum, UInt64) COMMENT 'Reviews written.',
    reviews_liked SimpleAggregateFunction(sum, Int64) COMMENT 'Likes of reviews, net of undone.',
    reviews_commented SimpleAggregateFunction(sum, UInt64) COMMENT 'Comments on reviews.',
    friends_added SimpleAggregateFunction(sum, UInt64) COMMENT 'Friends added.',
    messages_sent SimpleAggregateFunction(sum, UInt64) COMMENT 'Messages sent.',
    shares_sent SimpleAggregateFunction(sum, UInt64) COMMENT 'Shares sent.',
    searches_performed SimpleAggregateFunction(sum, UInt64) COMMENT 'Searches performed.',
    view_ms SimpleAggregateFunction(sum, UInt64) COMMENT 'Visible time of all parts of views, in milliseconds.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases, refunded ones included.',
    refunds SimpleAggregateFunction(sum, UInt64) COMMENT 'Refunds.',
    gross SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'Money from purchases in the currency of the site.',
    revenue SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'gross less refunds.'
)
-- The key serves one person over days, and erasure. Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, user_key, date)
TTL date + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each person, each day. Aggregate on reading; user_daily does.';
