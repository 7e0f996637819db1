CREATE TABLE IF NOT EXISTS turnout.identity_links
(
    site_id LowCardinality(String) COMMENT 'The site.',
    visitor_key UInt64 COMMENT 'The person as a visitor who had not signed in.',
    user_key UInt64 COMMENT 'The person who then signed in.',
    linked_at DateTime64(3, 'UTC') COMMENT 'When that was, last.'
)
-- Serves export and erasure of all that one person did. History is not counted anew for it.
ENGINE = ReplacingMergeTree(linked_at)
ORDER BY (site_id, visitor_key, user_key)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Dimension: which visitors signed in as which people. Read with FINAL; erased with the person.';
