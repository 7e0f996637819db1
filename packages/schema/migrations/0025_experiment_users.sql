CREATE TABLE IF NOT EXISTS turnout.experiment_users
(
    site_id LowCardinality(String) COMMENT 'The site.',
    experiment LowCardinality(String) COMMENT 'The experiment.',
    user_key UInt64 COMMENT 'The person.',
    variant LowCardinality(String) COMMENT 'A variant that the person saw. Someone with two rows saw two, and counts in neither.',
    first_exposure SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When the person first saw it.',
    last_exposure SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When the person last saw it.',
    exposures SimpleAggregateFunction(sum, UInt64) COMMENT 'How often the person saw it.'
)
-- The key serves one experiment, and a person in two variants lies side by side. What follows an exposure is read
-- with it (experiment_people): a purchase may be stored before the exposure that it follows.
-- Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, experiment, user_key, variant)
TTL toDateTime(last_exposure) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: who saw which variant of an experiment. experiment_people and experiment_results read it.';
