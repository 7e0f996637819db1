CREATE TABLE IF NOT EXISTS turnout.touched_days
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    touched_at DateTime64(3, 'UTC') COMMENT 'When the last block with an interaction of that day was stored.'
)
-- One row a site and day: what to compute anew, however late a row comes.
ENGINE = ReplacingMergeTree(touched_at)
ORDER BY (site_id, date)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'When each day last got an interaction. funnel_day_mv reads it.';
