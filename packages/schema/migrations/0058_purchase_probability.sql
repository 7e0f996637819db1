CREATE OR REPLACE VIEW turnout.purchase_probability
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    purchase_probability Float64 COMMENT '0 to 1: the chance that the person purchases within horizon_days from now, by a logistic model of purchase_features.',
    horizon_days UInt16 COMMENT 'The days it is about.',
    trained_at DateTime64(3, 'UTC') COMMENT 'Which model said so: see purchase_models.'
)
AS
SELECT
    f.site_id AS site_id,
    f.user_key AS user_key,
    1 / (1 + exp(-greatest(-500, least(500, m.model.1[1] + arraySum((c, v, mean, deviation) -> c * (v - mean) / deviation, arraySlice(m.model.1, 2), f.x, m.model.2, m.model.3))))) AS purchase_probability,
    m.model.4 AS horizon_days,
    m.newest AS trained_at
FROM
(
    -- Today counts as yesterday did in training.
    SELECT * FROM turnout.purchase_features(as_of = today() + 1)
    WHERE site_id IN (SELECT p.site_id FROM turnout.purchase_models AS p WHERE p.published = 1)
) AS f
INNER JOIN
(
    SELECT p.site_id AS site_id, max(p.trained_at) AS newest, argMax((p.coefficients, p.means, p.deviations, p.horizon_days), p.trained_at) AS model
    FROM turnout.purchase_models AS p
    WHERE p.published = 1
    GROUP BY site_id
) AS m
ON f.site_id = m.site_id
-- A model of another set of features says nothing about these.
WHERE length(f.x) = length(m.model.2)
COMMENT 'How likely each person is to purchase soon, by the last model that was published. Without one it is empty: run turnout train.';
