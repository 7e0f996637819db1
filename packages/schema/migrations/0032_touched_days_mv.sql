-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.touched_days_mv TO turnout.touched_days
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    touched_at DateTime64(3, 'UTC') COMMENT 'When the last block with an interaction of that day was stored.'
)
AS
SELECT site_id, local_date AS date, now64(3, 'UTC') AS touched_at
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production'
GROUP BY site_id, date
COMMENT 'Feeds touched_days from each block of interactions; bots and test environments are left out.';
