-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.user_day_mv TO turnout.user_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    date Date COMMENT 'Day in the time zone of the site.',
    interactions UInt64 COMMENT 'Interactions of any type.',
    impressions UInt64 COMMENT 'Things seen: at least half visible for at least a second.',
    events_viewed UInt64 COMMENT 'Details of events opened (views of events, part 0).',
    events_clicked UInt64 COMMENT 'Clicks on events.',
    events_interested Int64 COMMENT 'Interest shown in events, net of undone.',
    ticket_links_clicked UInt64 COMMENT 'Clicks on ticket links.',
    reviews_written UInt64 COMMENT 'Reviews written.',
    reviews_liked Int64 COMMENT 'Likes of reviews, net of undone.',
    reviews_commented UInt64 COMMENT 'Comments on reviews.',
    friends_added UInt64 COMMENT 'Friends added.',
    messages_sent UInt64 COMMENT 'Messages sent.',
    shares_sent UInt64 COMMENT 'Shares sent.',
    searches_performed UInt64 COMMENT 'Searches performed.',
    view_ms UInt64 COMMENT 'Visible time of all parts of views, in milliseconds.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    refunds UInt64 COMMENT 'Refunds.',
    gross Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    revenue Decimal(38, 4) COMMENT 'gross less refunds.'
)
AS
SELECT
    site_id,
    user_key,
    local_date AS date,
    count() AS interactions,
    countIf(type = 'impression') AS impressions,
    countIf(type = 'view' AND part = 0 AND entity_type = 'event') AS events_viewed,
    countIf(type = 'click' AND entity_type = 'event') AS events_clicked,
    sumIf(if(undo = 1, -1, 1), type = 'interest' AND entity_type = 'event') AS events_interested,
    countIf(type = 'ticket_click') AS ticket_links_clicked,
    countIf(type = 'review') AS reviews_written,
    sumIf(if(undo = 1, -1, 1), type = 'like' AND entity_type = 'review') AS reviews_liked,
    countIf(type = 'comment' AND entity_type = 'review') AS reviews_commented,
    countIf(type = 'friend_add') AS friends_added,
    countIf(type = 'message') AS messages_sent,
    countIf(type = 'share') AS shares_sent,
    countIf(type = 'search') AS searches_performed,
    sumIf(duration_ms, type = 'view') AS view_ms,
    countIf(type = 'purchase') AS purchases,
    countIf(type = 'refund') AS refunds,
    sumIf(ifNull(site_value, toDecimal64(0, 4)), type = 'purchase') AS gross,
    -- A refund takes away whatever sign it is sent with.
    sumIf(
        if(type = 'refund', -abs(ifNull(site_value, toDecimal64(0, 4))), ifNull(site_value, toDecimal64(0, 4))),
        type IN ('purchase', 'refund')
    ) AS revenue
FROM turnout.interactions
WHERE is_bot = 0 AND env = 'production'
GROUP BY site_id, user_key, date
COMMENT 'Feeds user_day from each block of interactions; bots and test environments are left out.';
