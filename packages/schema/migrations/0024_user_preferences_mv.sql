-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.user_preferences_mv TO turnout.user_preferences
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    kind LowCardinality(String) COMMENT 'What the taste is about: genre, artist, venue; price (band of the price shown, or paid for one piece where none was shown); spending (tier of a transaction); week (weekday, or weekend from Friday to Sunday, of the event); lead (last_minute up to 7 days before the event, ahead up to 30, planner); party (solo, or group from two pieces). spending, lead and party come from purchases alone.',
    value String COMMENT 'What is liked: the genre, the id of the artist or venue, or a word of the kind. Bands and tiers: budget below 50, moderate below 150, premium below 500, luxury.',
    first_seen DateTime64(3, 'UTC') COMMENT 'First interaction that says so.',
    last_seen DateTime64(3, 'UTC') COMMENT 'Last interaction that says so.',
    interactions UInt64 COMMENT 'Interactions that say so, undone ones included.',
    purchases UInt64 COMMENT 'Purchases among them, refunded ones included.',
    points_90 Float64 COMMENT 'Their points, forward-decayed: the sum of points × 2^(days since 2026-01-01 / 90). Points: purchase 10; checkout_start and booking_request 8; ticket_click, cart_add, review and attendance 6; share and waitlist_join 5; interest, follow and comment 4; save 3; view (part 0), like and media_play 2; click 1; others have no say.',
    points_undone_90 Float64 COMMENT 'The same sum for likes, saves, follows and interests taken back: to be subtracted.'
)
AS
SELECT
    site_id,
    user_key,
    taste.1 AS kind,
    taste.2 AS value,
    min(seen) AS first_seen,
    max(seen) AS last_seen,
    count() AS interactions,
    countIf(type = 'purchase') AS purchases,
    sumIf(points * growth, NOT undone) AS points_90,
    sumIf(points * growth, undone) AS points_undone_90
FROM
(
    SELECT
        site_id, user_key, type,
        undo = 1 AND type IN ('like', 'save', 'follow', 'interest') AS undone,
        -- Nothing happened after it was received: one clock far ahead would outweigh all else for ever.
        least(ts, received_at + INTERVAL 5 MINUTE) AS seen,
        exp2(greatest(-21000, least(21000, (toUnixTimestamp64Milli(seen) - 1767225600000) / 86400000)) / 90) AS growth,
        transform(
            toString(type),
            ['purchase', 'checkout_start', 'booking_request', 'ticket_click', 'cart_add', 'review', 'attendance',
             'share', 'waitlist_join', 'interest', 'follow', 'comment', 'save', 'view', 'like', 'media_play', 'click'],
            [10., 8, 8, 6, 6, 6, 6,
             5, 5, 4, 4, 4, 3, 2, 2, 2, 1],
            0.
        ) AS points,
        toInt32(ifNull(event_date, toDate(0))) - toInt32(local_date) AS lead_days,
        toFloat64(ifNull(site_value, -1)) AS paid,
        multiIf(
            isNotNull(price_min), toFloat64(assumeNotNull(price_min)),
            type = 'purchase' AND isNotNull(site_value), toFloat64(assumeNotNull(site_value)) / greatest(1, ifNull(quantity, 1)),
            -1.
        ) AS price,
        [
            ('genre', toString(genre)),
            ('artist', artist_id),
            ('venue', venue_id),
            ('price', multiIf(price < 0, '', price < 50, 'budget', price < 150, 'moderate', price < 500, 'premium', 'luxury')),
            ('spending', multiIf(type != 'purchase' OR paid < 0, '', paid < 50, 'budget', paid < 150, 'moderate', paid < 500, 'premium', 'luxury')),
            ('week', multiIf(isNull(event_date), '', toDayOfWeek(ifNull(event_date, toDate(0))) >= 5, 'weekend', 'weekday')),
            ('lead', multiIf(type != 'purchase' OR isNull(event_date) OR lead_days < 0, '', lead_days <= 7, 'last_minute', lead_days <= 30, 'ahead', 'planner')),
            ('party', multiIf(type != 'purchase', '', ifNull(quantity, 1) >= 2, 'group', 'solo'))
        ] AS tastes
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND (type != 'view' OR part = 0)
        AND type IN ('purchase', 'checkout_start', 'booking_request', 'ticket_click', 'cart_add', 'review', 'attendance',
            'share', 'waitlist_join', 'interest', 'follow', 'comment', 'save', 'view', 'like', 'media_play', 'click')
)
ARRAY JOIN arrayFilter(t -> t.2 != '', tastes) AS taste
GROUP BY site_id, user_key, kind, value
COMMENT 'Feeds user_preferences from each block of interactions; bots and test environments are left out.';
