CREATE OR REPLACE VIEW turnout.offer_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    offer_id String COMMENT 'The offer.',
    impressions UInt64 COMMENT 'Times it was seen: at least half visible for at least a second.',
    views UInt64 COMMENT 'Times it was opened (views, part 0).',
    unique_viewers UInt64 COMMENT 'People with a view or a click.',
    clicks UInt64 COMMENT 'Clicks.',
    cart_adds UInt64 COMMENT 'Put into a cart.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    unique_buyers UInt64 COMMENT 'People with a purchase.',
    items_sold UInt64 COMMENT 'Pieces bought, refunded ones included; one where a purchase does not say.',
    refunds UInt64 COMMENT 'Refunds.',
    revenue Decimal(38, 4) COMMENT 'gross_revenue less refunds. Other currencies than that of the site are left out.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    conversion_rate Float64 COMMENT 'purchases / views; where it was never opened that day, purchases / impressions. 0 without either.',
    average_order Float64 COMMENT 'gross_revenue / purchases; 0 without purchases.',
    dismissals UInt64 COMMENT 'Times it was dismissed.',
    offer_name String COMMENT 'Its name in the catalogue; empty when unknown.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.offer_id AS offer_id,
    impressions,
    views,
    unique_viewers,
    clicks,
    cart_adds,
    purchases,
    unique_buyers,
    items_sold,
    refunds,
    revenue,
    gross_revenue,
    multiIf(views > 0, purchases / views, impressions > 0, purchases / impressions, 0) AS conversion_rate,
    if(purchases = 0, 0, toFloat64(gross_revenue) / purchases) AS average_order,
    dismissals,
    known.name AS offer_name
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.entity_id AS offer_id,
        sum(d.impressions) AS impressions,
        sum(d.views) AS views,
        uniqMerge(d.viewers) AS unique_viewers,
        sum(d.clicks) AS clicks,
        sum(d.cart_adds) AS cart_adds,
        sum(d.purchases) AS purchases,
        uniqMerge(d.buyers) AS unique_buyers,
        sum(d.quantity) AS items_sold,
        sum(d.refunds) AS refunds,
        sum(d.revenue) AS revenue,
        sum(d.gross) AS gross_revenue,
        sum(d.dismissals) AS dismissals
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'offer'
    GROUP BY site_id, date, offer_id
) AS measures
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'offer') AS known
ON measures.site_id = known.site_id AND measures.offer_id = known.entity_id
COMMENT 'Each offer, each day on which anything happened to it.';
