CREATE TABLE IF NOT EXISTS turnout.people
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    version UInt64 COMMENT 'The highest version of a person is valid.',
    birth_year Nullable(UInt16) COMMENT 'Year of birth; null when unknown.',
    gender LowCardinality(String) COMMENT 'Gender; empty when unknown.',
    city String COMMENT 'City; empty when unknown.',
    country LowCardinality(String) COMMENT 'Country, ISO 3166-1 alpha-2; empty when unknown.',
    updated_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the collector had it.'
)
-- The newest version of each person wins. Erasure deletes by the key.
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, user_key)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Dimension: what a site knows about people. Read with FINAL; erased with the person.';
