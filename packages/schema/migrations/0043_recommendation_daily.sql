CREATE OR REPLACE VIEW turnout.recommendation_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    recommendation_id String COMMENT 'The recommendation, as the site names it.',
    shown UInt64 COMMENT 'Times it was seen: at least half visible for at least a second.',
    unique_reach UInt64 COMMENT 'People who saw it.',
    clicked UInt64 COMMENT 'Clicks.',
    converted UInt64 COMMENT 'Purchases recorded for it, refunded ones included.',
    dismissed UInt64 COMMENT 'Times it was dismissed.',
    revenue Decimal(38, 4) COMMENT 'Money from those purchases, less refunds.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from those purchases.',
    click_through_rate Float64 COMMENT 'clicked / shown; 0 without.',
    conversion_rate Float64 COMMENT 'converted / shown; 0 without.',
    dismissal_rate Float64 COMMENT 'dismissed / shown; 0 without.',
    revenue_per_shown Float64 COMMENT 'revenue / shown; 0 without.'
)
AS
SELECT
    d.site_id AS site_id,
    d.date AS date,
    d.entity_id AS recommendation_id,
    sum(d.impressions) AS shown,
    uniqMerge(d.reach) AS unique_reach,
    sum(d.clicks) AS clicked,
    sum(d.purchases) AS converted,
    sum(d.dismissals) AS dismissed,
    sum(d.revenue) AS revenue,
    sum(d.gross) AS gross_revenue,
    if(shown = 0, 0, clicked / shown) AS click_through_rate,
    if(shown = 0, 0, converted / shown) AS conversion_rate,
    if(shown = 0, 0, dismissed / shown) AS dismissal_rate,
    if(shown = 0, 0, toFloat64(revenue) / shown) AS revenue_per_shown
FROM turnout.entity_day AS d
WHERE d.entity_type = 'recommendation'
GROUP BY site_id, date, recommendation_id
COMMENT 'Each recommendation, each day on which anything happened to it.';
