CREATE TABLE IF NOT EXISTS turnout.rejected_interactions
(
    site_id LowCardinality(String) COMMENT 'The site it was sent to.',
    received_at DateTime64(3, 'UTC') COMMENT 'When the collector had it.',
    received_day Date COMMENT 'UTC date of received_at.',
    batch_id String COMMENT 'The request it came in.',
    `index` UInt32 COMMENT 'Its place in the batch, from 0.',
    id String COMMENT 'Its id as sent; empty when it had none.',
    code LowCardinality(String) COMMENT 'Why it was rejected: invalid, unknown_type, time_out_of_range, missing_metadata or refused.',
    message String COMMENT 'What is wrong and what to do.' CODEC(ZSTD(3)),
    text String COMMENT 'The interaction as it was read (JSON written anew: repeated keys are merged, 1e999 is null), cut to 4,000 characters.' CODEC(ZSTD(3)),
    user_key UInt64 COMMENT 'The person who sent it, as in interactions: erasure finds it.'
)
-- The key serves "what did this site get wrong lately" and keeps a rejection that is written twice once.
-- A part holds one day, so that expiry drops whole parts.
ENGINE = ReplacingMergeTree
PARTITION BY received_day
ORDER BY (site_id, received_day, batch_id, `index`)
TTL received_day + INTERVAL 30 DAY DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    ttl_only_drop_parts = 1
COMMENT 'Interactions that were not accepted, with the reason; kept 30 days.';
