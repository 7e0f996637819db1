-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.media_day_mv TO turnout.media_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that the audio or video is about: ad, artist, event … or one of your own.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_id String COMMENT 'Id of the thing.',
    media LowCardinality(String) COMMENT 'audio or video.',
    starts UInt64 COMMENT 'Times it began to play.',
    reached_25 UInt64 COMMENT 'Times a quarter of it was played.',
    reached_50 UInt64 COMMENT 'Times half of it was played.',
    reached_75 UInt64 COMMENT 'Times three quarters of it were played.',
    completions UInt64 COMMENT 'Times all of it was played.',
    played_ms UInt64 COMMENT 'What was played, in milliseconds, up to the last quarter that was reached.'
)
AS
SELECT
    site_id,
    entity_type,
    local_date AS date,
    entity_id,
    media,
    countIf(quartile = 0) AS starts,
    countIf(quartile = 25) AS reached_25,
    countIf(quartile = 50) AS reached_50,
    countIf(quartile = 75) AS reached_75,
    countIf(quartile = 100) AS completions,
    sum(duration_ms) AS played_ms
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production' AND type = 'media_play' AND entity_type != '' AND entity_id != ''
GROUP BY site_id, entity_type, date, entity_id, media
COMMENT 'Feeds media_day from each block of interactions; bots and test environments are left out.';
