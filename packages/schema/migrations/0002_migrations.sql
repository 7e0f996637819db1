CREATE TABLE IF NOT EXISTS turnout.migrations
(
    name String COMMENT 'File name of the migration.',
    sha256 FixedString(64) COMMENT 'SHA-256 of its text, in hex: a released migration never changes.',
    applied_at DateTime64(3, 'UTC') COMMENT 'When this database got it.'
)
-- Read whole, by name. Replacing: two collectors that start at once both record the same migration, which counts once.
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'The migrations that this database has.';
