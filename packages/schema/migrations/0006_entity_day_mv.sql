-- Reads its block alone and looks nothing up, so that it cannot throw: a view that throws leaves raw and
-- rollups apart.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.entity_day_mv TO turnout.entity_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing: event, artist, venue, ad, offer … or one of your own.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_id String COMMENT 'Id of the thing.',
    via LowCardinality(String) COMMENT 'direct: interactions about this thing itself. event: about an event that carries this artist or venue; only artists and venues have such rows, with the same measures.',
    served UInt64 COMMENT 'served interactions: an ad was rendered.',
    impressions UInt64 COMMENT 'Impressions: at least half visible for at least a second.',
    clicks UInt64 COMMENT 'Clicks.',
    views UInt64 COMMENT 'Views opened (part 0).',
    view_ms UInt64 COMMENT 'Visible time of all parts of views, in milliseconds.',
    interested Int64 COMMENT 'interest, net of undone.',
    likes Int64 COMMENT 'Likes, net of undone.',
    saves Int64 COMMENT 'Saves, net of undone.',
    follows Int64 COMMENT 'Follows, net of undone.',
    comments UInt64 COMMENT 'Comments.',
    shares UInt64 COMMENT 'Shares.',
    reviews UInt64 COMMENT 'Reviews written.',
    ratings UInt64 COMMENT 'Reviews that carry a rating.',
    rating_sum Decimal(38, 4) COMMENT 'Sum of their ratings.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    cart_adds UInt64 COMMENT 'Put into a cart.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    refunds UInt64 COMMENT 'Refunds.',
    quantity UInt64 COMMENT 'Pieces bought (one where a purchase does not say), refunded ones included.',
    refunded_quantity UInt64 COMMENT 'Pieces refunded.',
    gross Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    revenue Decimal(38, 4) COMMENT 'gross less refunds.',
    dismissals UInt64 COMMENT 'Dismissed by the visitor.',
    people AggregateFunction(uniq, UInt64) COMMENT 'People with any interaction.',
    reach AggregateFunction(uniq, UInt64) COMMENT 'People with an impression.',
    viewers AggregateFunction(uniq, UInt64) COMMENT 'People with a view or a click.',
    buyers AggregateFunction(uniq, UInt64) COMMENT 'People with a purchase.',
    attendees AggregateFunction(uniq, UInt64) COMMENT 'People with an attendance; entry and exit are one person.',
    events AggregateFunction(uniq, String) COMMENT 'On rows via event: the distinct events that had any interaction.',
    events_hosted AggregateFunction(uniq, String) COMMENT 'On rows via event: the distinct events with an attendance that day, or seen with an event_date of that day.'
)
AS
SELECT
    site_id,
    about.1 AS entity_type,
    local_date AS date,
    about.2 AS entity_id,
    about.3 AS via,
    countIf(type = 'served') AS served,
    countIf(type = 'impression') AS impressions,
    countIf(type = 'click') AS clicks,
    countIf(type = 'view' AND part = 0) AS views,
    sumIf(duration_ms, type = 'view') AS view_ms,
    sumIf(sign, type = 'interest') AS interested,
    sumIf(sign, type = 'like') AS likes,
    sumIf(sign, type = 'save') AS saves,
    sumIf(sign, type = 'follow') AS follows,
    countIf(type = 'comment') AS comments,
    countIf(type = 'share') AS shares,
    countIf(type = 'review') AS reviews,
    countIf(type = 'review' AND isNotNull(rating)) AS ratings,
    sumIf(ifNull(rating, 0), type = 'review') AS rating_sum,
    countIf(type = 'ticket_click') AS ticket_clicks,
    countIf(type = 'cart_add') AS cart_adds,
    countIf(type = 'purchase') AS purchases,
    countIf(type = 'refund') AS refunds,
    sumIf(pieces, type = 'purchase') AS quantity,
    sumIf(pieces, type = 'refund') AS refunded_quantity,
    sumIf(money, type = 'purchase') AS gross,
    -- A refund takes away whatever sign it is sent with.
    sumIf(if(type = 'refund', -abs(money), money), type IN ('purchase', 'refund')) AS revenue,
    countIf(type = 'dismiss') AS dismissals,
    uniqState(user_key) AS people,
    uniqStateIf(user_key, type = 'impression') AS reach,
    uniqStateIf(user_key, type IN ('view', 'click')) AS viewers,
    uniqStateIf(user_key, type = 'purchase') AS buyers,
    uniqStateIf(user_key, type = 'attendance') AS attendees,
    uniqStateIf(own_id, via = 'event') AS events,
    uniqStateIf(own_id, via = 'event' AND (type = 'attendance' OR held_today)) AS events_hosted
FROM
(
    SELECT
        site_id, local_date, type, part, duration_ms, rating, user_key,
        entity_id AS own_id,
        if(undo = 1, -1, 1) AS sign,
        toUInt64(ifNull(quantity, 1)) AS pieces,
        ifNull(site_value, toDecimal64(0, 4)) AS money,
        ifNull(event_date = local_date, 0) AS held_today,
        [
            (toString(entity_type), entity_id, 'direct'),
            ('artist', if(entity_type = 'event', artist_id, ''), 'event'),
            ('venue', if(entity_type = 'event', venue_id, ''), 'event')
        ] AS things
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND entity_type != '' AND entity_id != ''
)
-- One interaction counts for the thing it is about and, when that is an event, for its artist and its venue.
ARRAY JOIN arrayFilter(thing -> thing.2 != '', things) AS about
GROUP BY site_id, entity_type, date, entity_id, via
COMMENT 'Feeds entity_day from each block of interactions; bots and test environments are left out.';
