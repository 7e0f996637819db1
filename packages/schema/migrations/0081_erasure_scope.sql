CREATE TABLE IF NOT EXISTS turnout.erasure_scope
(
    erasure_id UUID COMMENT 'The erasure that is under way.',
    kind LowCardinality(String) COMMENT 'day or session.',
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Of a day: the day to count anew.',
    session_key UInt64 COMMENT 'Of a session: sipHash64 of its id.'
)
-- Noted before raw is deleted, because afterwards nothing tells: an erasure that was cut off goes on from here.
ENGINE = ReplacingMergeTree
ORDER BY (erasure_id, kind, site_id, date, session_key)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'What an erasure under way has to count anew: the days and sessions that its people were part of. Empty otherwise.';
