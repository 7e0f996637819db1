-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.experiment_users_mv TO turnout.experiment_users
(
    site_id LowCardinality(String) COMMENT 'The site.',
    experiment LowCardinality(String) COMMENT 'The experiment.',
    user_key UInt64 COMMENT 'The person.',
    variant LowCardinality(String) COMMENT 'A variant that the person saw. Someone with two rows saw two, and counts in neither.',
    first_exposure DateTime64(3, 'UTC') COMMENT 'When the person first saw it.',
    last_exposure DateTime64(3, 'UTC') COMMENT 'When the person last saw it.',
    exposures UInt64 COMMENT 'How often the person saw it.'
)
AS
SELECT
    site_id,
    experiment,
    user_key,
    variant,
    min(ts) AS first_exposure,
    max(ts) AS last_exposure,
    count() AS exposures
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production' AND type = 'exposure' AND experiment != ''
GROUP BY site_id, experiment, user_key, variant
COMMENT 'Feeds experiment_users from each block of interactions; bots and test environments are left out.';
