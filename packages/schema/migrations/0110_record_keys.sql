CREATE TABLE IF NOT EXISTS turnout.record_keys
(
    site_id LowCardinality(String) COMMENT 'The site.',
    record_key UUID COMMENT 'Derived from the kind of the record and the key that its back end gave it.',
    content UInt32 COMMENT 'Derived from all that the record says: tells another one under the same key apart, and nothing about anybody.',
    ids Array(UUID) COMMENT 'The interactions that the record became.',
    used_at DateTime64(3, 'UTC') COMMENT 'When it was taken.'
)
-- Serves the doors of back ends, which ask by site and key. Only the first record of a key is written.
ENGINE = ReplacingMergeTree
ORDER BY (site_id, record_key, content)
TTL toDateTime(used_at) + INTERVAL 90 DAY DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'What each idempotency key of a back end was first used for. Kept 90 days.';
