CREATE TABLE IF NOT EXISTS turnout.media_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that the audio or video is about: ad, artist, event … or one of your own.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_id String COMMENT 'Id of the thing.',
    media LowCardinality(String) COMMENT 'audio or video.',
    starts SimpleAggregateFunction(sum, UInt64) COMMENT 'Times it began to play.',
    reached_25 SimpleAggregateFunction(sum, UInt64) COMMENT 'Times a quarter of it was played.',
    reached_50 SimpleAggregateFunction(sum, UInt64) COMMENT 'Times half of it was played.',
    reached_75 SimpleAggregateFunction(sum, UInt64) COMMENT 'Times three quarters of it were played.',
    completions SimpleAggregateFunction(sum, UInt64) COMMENT 'Times all of it was played.',
    played_ms SimpleAggregateFunction(sum, UInt64) COMMENT 'What was played, in milliseconds, up to the last quarter that was reached.'
)
-- A table of its own: few things are played, and entity_day has a row for each thing that is merely seen. It holds no
-- person. The key serves ad_daily: one kind over a range of days.
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, entity_type, date, entity_id, media)
TTL date + INTERVAL 24 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: audio and video of each thing, each day, by quarters played. Aggregate on reading; ad_daily does.';
