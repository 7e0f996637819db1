CREATE TABLE IF NOT EXISTS turnout.backfills
(
    name String COMMENT 'The rollup that was filled from raw rows that were there before it.',
    done_at DateTime64(3, 'UTC') COMMENT 'When it was complete.'
)
-- Read whole, by name. Replacing: what two collectors both record counts once.
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'The rollups that hold what raw had before they were made.';
