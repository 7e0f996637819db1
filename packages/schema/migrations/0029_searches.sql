CREATE TABLE IF NOT EXISTS turnout.searches
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    search_id String COMMENT 'One search; the id of the interaction where the search has none of its own.',
    date SimpleAggregateFunction(min, Date) COMMENT 'Day of its first interaction in the time zone of the site.',
    first_ts SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Its first interaction.',
    last_ts SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Its last interaction.',
    query SimpleAggregateFunction(max, String) COMMENT 'What was searched for.',
    performed SimpleAggregateFunction(sum, UInt64) COMMENT '1 when the search itself is stored, 0 while only a choice is.',
    results SimpleAggregateFunction(max, Nullable(UInt32)) COMMENT 'How many results it found; null when it did not say.',
    clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Results chosen.',
    ranked_clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Choices that say their position.',
    rank_sum SimpleAggregateFunction(sum, UInt64) COMMENT 'Sum of the ranks of those choices; the first result has rank 1.'
)
-- A search and the choices among its results arrive in any order and meet under their id.
-- The key serves one person's searches, and erasure. Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, user_key, search_id)
TTL toDateTime(last_ts) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each search, with the choices among its results. search_daily reads it.';
