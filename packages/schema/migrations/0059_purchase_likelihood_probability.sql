CREATE OR REPLACE VIEW turnout.purchase_likelihood
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    purchase_rate Float64 COMMENT '0 to 1: purchases / the larger of ticket clicks and purchases; 0 with neither.',
    recent_activity Float64 COMMENT '0 to 1: 1 - e^(-points / 20), of the points of all interactions (see user_state.activity_30), each halved for every 30 days since.',
    has_purchased UInt8 COMMENT '1 when the person ever purchased, else 0; a refunded purchase counts.',
    purchase_likelihood Float64 COMMENT '0 to 1: 0.4 × purchase_rate + 0.3 × recent_activity + 0.3 × has_purchased, as of now.',
    purchase_probability Nullable(Float64) COMMENT 'The chance of a purchase within the horizon of the model, as of now: see purchase_probability and purchase_models. Null without a published model, and for who stayed away for 90 days.'
)
AS
WITH (toUnixTimestamp64Milli(now64(3)) - 1767225600000) / 86400000 / 30 AS half_lives
SELECT
    state.site_id AS site_id,
    state.user_key AS user_key,
    if(purchases = 0, 0, purchases / greatest(ticket_clicks, purchases)) AS purchase_rate,
    1 - exp(-greatest(0, activity_30 - activity_undone_30) * exp2(-half_lives) / 20) AS recent_activity,
    toUInt8(purchases > 0) AS has_purchased,
    0.4 * purchase_rate + 0.3 * recent_activity + 0.3 * has_purchased AS purchase_likelihood,
    if(model.horizon_days = 0, NULL, model.purchase_probability) AS purchase_probability
FROM
(
    SELECT
        s.site_id AS site_id,
        s.user_key AS user_key,
        sum(s.ticket_clicks) AS ticket_clicks,
        sum(s.purchases) AS purchases,
        sum(s.activity_30) AS activity_30,
        sum(s.activity_undone_30) AS activity_undone_30
    FROM turnout.user_state AS s
    GROUP BY site_id, user_key
) AS state
LEFT JOIN turnout.purchase_probability AS model
ON state.site_id = model.site_id AND state.user_key = model.user_key
COMMENT 'How likely each person is to purchase, as of now; it falls by itself while they stay away.';
