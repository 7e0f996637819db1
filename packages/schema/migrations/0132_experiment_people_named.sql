-- An exposure that names no variant cannot be compared, and (other) is what the collector calls all experiments beyond the
-- number that a site may have: no experiment.
CREATE OR REPLACE VIEW turnout.experiment_people
(
    site_id LowCardinality(String) COMMENT 'The site.',
    experiment LowCardinality(String) COMMENT 'The experiment.',
    user_key UInt64 COMMENT 'The person.',
    variant LowCardinality(String) COMMENT 'The variant that the person saw first.',
    variants UInt64 COMMENT 'How many variants the person saw; with more than one, the results leave the person out.',
    first_exposure DateTime64(3, 'UTC') COMMENT 'When the person first saw it.',
    conversions UInt64 COMMENT 'Purchases since.',
    value Decimal(38, 4) COMMENT 'Money from purchases since, less refunds since, in the currency of the site.'
)
AS
SELECT
    e.site_id AS site_id,
    e.experiment AS experiment,
    e.user_key AS user_key,
    e.first_variant AS variant,
    e.variants AS variants,
    e.first_exposure AS first_exposure,
    arrayCount(m -> m.1 >= e.first_exposure AND m.3, o.moments) AS conversions,
    arraySum(m -> if(m.1 >= e.first_exposure, m.2, toDecimal128(0, 4)), o.moments) AS value
FROM
(
    SELECT
        site_id,
        experiment,
        user_key,
        uniqExact(variant) AS variants,
        argMin(variant, (exposed, variant)) AS first_variant,
        min(exposed) AS first_exposure
    FROM
    (
        SELECT u.site_id AS site_id, u.experiment AS experiment, u.user_key AS user_key, u.variant AS variant, min(u.first_exposure) AS exposed
        FROM turnout.experiment_users AS u
        WHERE u.variant != '' AND u.experiment != '(other)'
        GROUP BY site_id, experiment, user_key, variant
    )
    GROUP BY site_id, experiment, user_key
) AS e
LEFT JOIN
(
    SELECT
        site_id,
        user_key,
        groupArray((ts, toDecimal128(if(type = 'refund', -abs(ifNull(site_value, 0)), ifNull(site_value, 0)), 4), type = 'purchase')) AS moments
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND type IN ('purchase', 'refund')
    GROUP BY site_id, user_key
) AS o
ON e.site_id = o.site_id AND e.user_key = o.user_key
COMMENT 'What each person did after an experiment began for them. Counted when it is read: a purchase may be stored before the exposure that it follows.';
