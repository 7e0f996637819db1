-- The rollup counts purchases in any currency, and money in that of the site: what one is worth is asked of raw.
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
    orders UInt64 COMMENT 'Orders with it: purchases that share an order_id are one. In the currency of the site.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included. In any currency.',
    unique_buyers UInt64 COMMENT 'People with a purchase.',
    items_sold UInt64 COMMENT 'Pieces bought, refunded ones included; one where a purchase does not say.',
    refunds UInt64 COMMENT 'Refunds.',
    revenue Decimal(38, 4) COMMENT 'gross_revenue less refunds. Other currencies than that of the site are left out.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    conversion_rate Float64 COMMENT 'purchases / views; where it was never opened that day, purchases / impressions. 0 without either.',
    average_order Float64 COMMENT 'gross_revenue / orders; 0 without orders.',
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
    sales.orders AS orders,
    purchases,
    unique_buyers,
    items_sold,
    refunds,
    revenue,
    gross_revenue,
    multiIf(views > 0, purchases / views, impressions > 0, purchases / impressions, 0) AS conversion_rate,
    if(orders = 0, 0, toFloat64(gross_revenue) / orders) AS average_order,
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
LEFT JOIN
(
    SELECT site_id, local_date AS date, entity_id AS offer_id, uniqExact(if(order_id = '', toString(id), order_id)) AS orders
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND type = 'purchase' AND entity_type = 'offer' AND isNotNull(site_value)
    GROUP BY site_id, date, offer_id
) AS sales
ON measures.site_id = sales.site_id AND measures.date = sales.date AND measures.offer_id = sales.offer_id
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'offer') AS known
ON measures.site_id = known.site_id AND measures.offer_id = known.entity_id
COMMENT 'Each offer, each day on which anything happened to it.';
