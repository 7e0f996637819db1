-- Where everybody of both groups spent the same, as before anybody purchased, the engine's test divides nothing by nothing and
-- calls that a chance of 0: a certain difference. There is nothing to test.
CREATE OR REPLACE VIEW turnout.experiment_results
(
    site_id LowCardinality(String) COMMENT 'The site.',
    experiment LowCardinality(String) COMMENT 'The experiment.',
    variant LowCardinality(String) COMMENT 'A variant.',
    is_control UInt8 COMMENT '1 for the variant that the others are compared with: control, else the first by name.',
    users UInt64 COMMENT 'People who saw this variant and no other.',
    conversions UInt64 COMMENT 'Those of them who purchased since.',
    rate Float64 COMMENT 'conversions / users.',
    lift Nullable(Float64) COMMENT 'rate / rate of the control - 1; null for the control, and where it has no conversions.',
    difference_low Nullable(Float64) COMMENT 'Lower end of the 95 % confidence interval of rate less rate of the control; null for the control.',
    difference_high Nullable(Float64) COMMENT 'Upper end of it.',
    p_value Nullable(Float64) COMMENT 'Two-sided z test of the rates, pooled: how likely chance alone makes a difference at least as large. Null for the control.',
    value_per_user Float64 COMMENT 'Money since, less refunds, per user.',
    value_p_value Nullable(Float64) COMMENT 'Two-sided test by Welch of the value per user. Null for the control, and where nothing varies.',
    intended_share Nullable(Float64) COMMENT 'The share of people that the variant was meant to get: as its exposures tell, where those of every variant do, else the same for all. Null where a variant was told of with several shares.',
    sample_ratio_p_value Nullable(Float64) COMMENT 'Chi-square test that people were spread over the variants by intended_share; below 0.001 something is wrong with the experiment, and there is no verdict. Null where that is null.',
    users_in_two_variants UInt64 COMMENT 'People of the experiment who saw more than one variant: they are left out.',
    minimum_users Nullable(UInt64) COMMENT 'Users that each variant needs to find a lift of 20 % four times in five, by the rate of the control (taken as at least 0.1 %); never below 30.',
    verdict String COMMENT 'better or worse where p_value is below 0.05 divided by the number of variants beside the control: of many variants that are all alike one would else seem to differ; no difference shown, too few users, sample ratio mismatch, shares changed (weights or variants changed while it ran: begin anew under another name); control for the control.'
)
AS
WITH
    -- The chance of a chi-square value at least this large: by the recurrence over degrees of freedom, from 1 or from 2.
    (x, freedom) -> if(freedom < 1, 1, if(freedom % 2 = 1, erfc(sqrt(x / 2)), exp(-x / 2))
        + arraySum(k -> exp((k / 2 - 1) * log(greatest(x / 2, 1e-300)) - x / 2 - lgamma(k / 2)), range(toUInt32(if(freedom % 2 = 1, 3, 4)), toUInt32(freedom) + 1, 2))) AS chi_square_tail
SELECT
    site_id,
    experiment,
    variant,
    toUInt8(variant = control) AS is_control,
    users,
    conversions,
    conversions / users AS rate,
    if(is_control OR control_rate = 0, NULL, rate / control_rate - 1) AS lift,
    if(is_control, NULL, rate - control_rate - margin) AS difference_low,
    if(is_control, NULL, rate - control_rate + margin) AS difference_high,
    if(is_control, NULL, if(pooled_error = 0, 1, erfc(abs(rate - control_rate) / pooled_error / sqrt(2)))) AS p_value,
    value_sum / users AS value_per_user,
    if(is_control OR isNaN(welch), NULL, welch) AS value_p_value,
    if(has_changed, NULL, expected / total) AS intended_share,
    if(has_changed, NULL, chi_square_tail(chi_square, length(sizes) - 1)) AS sample_ratio_p_value,
    users_in_two_variants,
    toUInt64(greatest(30, ceil(400 * (1 - greatest(control_rate, 0.001)) / greatest(control_rate, 0.001)))) AS minimum_users,
    multiIf(
        is_control, 'control',
        has_changed, 'shares changed',
        sample_ratio_p_value < 0.001, 'sample ratio mismatch',
        arrayMin(sizes) < minimum_users, 'too few users',
        p_value >= 0.05 / greatest(1, length(sizes) - 1), 'no difference shown',
        rate > control_rate, 'better',
        'worse'
    ) AS verdict
FROM
(
    SELECT
        v.site_id AS site_id,
        v.experiment AS experiment,
        v.variant AS variant,
        a.control AS control,
        v.users AS users,
        v.conversions AS conversions,
        v.value_sum AS value_sum,
        c.conversions / c.users AS control_rate,
        (v.conversions + c.conversions) / (v.users + c.users) AS pooled,
        sqrt(pooled * (1 - pooled) * (1 / v.users + 1 / c.users)) AS pooled_error,
        1.959963984540054 * sqrt(v.conversions / v.users * (1 - v.conversions / v.users) / v.users + control_rate * (1 - control_rate) / c.users) AS margin,
        arrayMap(m -> m.2, a.members) AS sizes,
        arraySum(sizes) AS total,
        -- Exposures that tell no share, such as those of an earlier version, say nothing against those that do.
        arrayExists(m -> length(m.3) > 1, a.members) AS has_changed,
        if(arrayAll(m -> length(m.3) = 1, a.members), arrayMap(m -> m.3[1], a.members), arrayMap(m -> 1., a.members)) AS weights,
        arrayMap(weight -> weight / arraySum(weights) * total, weights) AS expectations,
        expectations[indexOf(arrayMap(m -> m.1, a.members), toString(v.variant))] AS expected,
        arraySum((n, e) -> pow(n - e, 2) / e, sizes, expectations) AS chi_square,
        a.users_in_two_variants AS users_in_two_variants,
        -- Welch, from the moments: the chance beyond t is an incomplete beta function, which the engine's own test knows.
        if(v.variant = a.control OR length(arrayDistinct(v.worth)) + length(arrayDistinct(c.worth)) = 2, nan, arrayReduce('welchTTest', arrayConcat(v.worth, c.worth), arrayConcat(arrayMap(x -> 0, v.worth), arrayMap(x -> 1, c.worth))).2) AS welch
    FROM
    (
        SELECT site_id, experiment, variant, count() AS users, countIf(conversions > 0) AS conversions, toFloat64(sum(value)) AS value_sum, groupArray(toFloat64(value)) AS worth
        FROM turnout.experiment_people
        WHERE variants = 1
        GROUP BY site_id, experiment, variant
    ) AS v
    INNER JOIN
    (
        SELECT
            site_id,
            experiment,
            if(countIf(variant = 'control') > 0, 'control', min(toString(variant))) AS control,
            groupArray((toString(variant), n, told)) AS members,
            any(doubled) AS users_in_two_variants
        FROM
        (
            SELECT site_id, experiment, variant, countIf(variants = 1) AS n, sum(countIf(variants > 1)) OVER (PARTITION BY site_id, experiment) AS doubled
            FROM turnout.experiment_people
            GROUP BY site_id, experiment, variant
        ) AS sizes
        LEFT JOIN
        (
            SELECT site_id, experiment, variant, groupUniqArray(variant_share) AS told
            FROM turnout.interactions
            WHERE is_bot = 0 AND env = 'production' AND type = 'exposure' AND variant_share > 0
            GROUP BY site_id, experiment, variant
        ) AS shares
        ON sizes.site_id = shares.site_id AND sizes.experiment = shares.experiment AND sizes.variant = shares.variant
        WHERE n > 0
        GROUP BY site_id, experiment
    ) AS a
    ON v.site_id = a.site_id AND v.experiment = a.experiment
    INNER JOIN
    (
        SELECT site_id, experiment, variant, count() AS users, countIf(conversions > 0) AS conversions, groupArray(toFloat64(value)) AS worth
        FROM turnout.experiment_people
        WHERE variants = 1
        GROUP BY site_id, experiment, variant
    ) AS c
    ON v.site_id = c.site_id AND v.experiment = c.experiment
    WHERE toString(c.variant) = a.control
)
COMMENT 'Each variant of each experiment beside its control: conversion is a purchase after the first exposure.';
