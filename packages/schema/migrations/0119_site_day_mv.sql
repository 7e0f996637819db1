-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.site_day_mv TO turnout.site_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that it was done to: event, artist, venue, ad, offer … or one of your own. Empty for what is about no thing, such as page views and searches.',
    interactions UInt64 COMMENT 'Interactions of any type.',
    page_views UInt64 COMMENT 'Pages opened.',
    served UInt64 COMMENT 'served interactions: an ad was rendered.',
    impressions UInt64 COMMENT 'Impressions: at least half visible for at least a second.',
    clicks UInt64 COMMENT 'Clicks.',
    views UInt64 COMMENT 'Views opened (part 0).',
    interested Int64 COMMENT 'interest, net of undone.',
    likes Int64 COMMENT 'Likes, net of undone.',
    saves Int64 COMMENT 'Saves, net of undone.',
    follows Int64 COMMENT 'Follows, net of undone.',
    comments UInt64 COMMENT 'Comments.',
    shares UInt64 COMMENT 'Shares.',
    reviews UInt64 COMMENT 'Reviews written.',
    searches UInt64 COMMENT 'Searches performed.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    cart_adds UInt64 COMMENT 'Put into a cart.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    refunds UInt64 COMMENT 'Refunds.',
    quantity UInt64 COMMENT 'Pieces bought (one where a purchase does not say), refunded ones included.',
    refunded_quantity UInt64 COMMENT 'Pieces refunded.',
    gross Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    revenue Decimal(38, 4) COMMENT 'gross less refunds.'
)
AS
SELECT
    site_id,
    local_date AS date,
    entity_type,
    count() AS interactions,
    countIf(type = 'page_view') AS page_views,
    countIf(type = 'served') AS served,
    countIf(type = 'impression') AS impressions,
    countIf(type = 'click') AS clicks,
    countIf(type = 'view' AND part = 0) AS views,
    sumIf(sign, type = 'interest') AS interested,
    sumIf(sign, type = 'like') AS likes,
    sumIf(sign, type = 'save') AS saves,
    sumIf(sign, type = 'follow') AS follows,
    countIf(type = 'comment') AS comments,
    countIf(type = 'share') AS shares,
    countIf(type = 'review') AS reviews,
    countIf(type = 'search') AS searches,
    countIf(type = 'ticket_click') AS ticket_clicks,
    countIf(type = 'cart_add') AS cart_adds,
    countIf(type = 'purchase') AS purchases,
    countIf(type = 'refund') AS refunds,
    sumIf(pieces, type = 'purchase') AS quantity,
    sumIf(pieces, type = 'refund') AS refunded_quantity,
    sumIf(money, type = 'purchase') AS gross,
    -- A refund takes away whatever sign it is sent with.
    sumIf(if(type = 'refund', -abs(money), money), type IN ('purchase', 'refund')) AS revenue
FROM
(
    SELECT
        site_id, local_date, entity_type, type, part,
        if(undo = 1, -1, 1) AS sign,
        toUInt64(ifNull(quantity, 1)) AS pieces,
        ifNull(site_value, toDecimal64(0, 4)) AS money
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production'
)
GROUP BY site_id, date, entity_type
COMMENT 'Feeds site_day from each block of interactions; bots and test environments are left out.';
