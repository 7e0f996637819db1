-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.user_state_mv TO turnout.user_state
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    first_seen DateTime64(3, 'UTC') COMMENT 'First interaction.',
    last_seen DateTime64(3, 'UTC') COMMENT 'Last interaction of their own: refunds and waitlist offers and expiries are not theirs. 1970 when there is none.',
    active_days AggregateFunction(groupBitmap, UInt32) COMMENT 'Days with an interaction of their own, as days since 1970.',
    sessions AggregateFunction(uniq, UInt64) COMMENT 'Sessions, by session_key.',
    pages UInt64 COMMENT 'Pages and details opened in sessions: page_view, and view with part 0.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    activity_30 Float64 COMMENT 'Points of all interactions, forward-decayed: the sum of points × 2^(days since 2026-01-01 / 30). Points: purchase 10; checkout_start, booking_request and subscribe 8; ticket_click, cart_add, review, tip and attendance 6; share, waitlist_join and waitlist_accept 5; interest, follow, comment and agreement_sign 4; save, friend_add and message 3; view (part 0), search, like, media_play and form_submit 2; click 1; page_view, swipe and custom 0.5; scroll 0.2; impression 0.1; others 0.',
    activity_undone_30 Float64 COMMENT 'The same sum for likes, saves, follows and interests taken back: to be subtracted. Apart, so that neither sum loses digits.',
    content_30 Float64 COMMENT 'Minutes of views and media played, forward-decayed like activity_30.',
    social_30 Float64 COMMENT 'Social acts (like, follow, friend_add, share, comment, review, message), forward-decayed like activity_30.',
    social_undone_30 Float64 COMMENT 'The same sum for likes and follows taken back: to be subtracted.'
)
AS
SELECT
    site_id,
    user_key,
    min(seen) AS first_seen,
    maxIf(seen, own) AS last_seen,
    groupBitmapStateIf(toUInt32(local_date), own) AS active_days,
    uniqStateIf(session_key, in_session) AS sessions,
    countIf(in_session AND (type = 'page_view' OR (type = 'view' AND part = 0))) AS pages,
    countIf(type = 'ticket_click') AS ticket_clicks,
    countIf(type = 'purchase') AS purchases,
    sumIf(points * growth, NOT undone) AS activity_30,
    sumIf(points * growth, undone) AS activity_undone_30,
    sumIf(duration_ms / 60000 * growth, type IN ('view', 'media_play')) AS content_30,
    sumIf(growth, social AND NOT undone) AS social_30,
    sumIf(growth, social AND undone) AS social_undone_30
FROM
(
    SELECT
        site_id, user_key, local_date, session_key, type, part, duration_ms,
        session_key != sipHash64('') AS in_session,
        type NOT IN ('refund', 'waitlist_offer', 'waitlist_expire') AS own,
        undo = 1 AND type IN ('like', 'save', 'follow', 'interest') AS undone,
        type IN ('like', 'follow', 'friend_add', 'share', 'comment', 'review', 'message') AS social,
        -- Nothing happened after it was received: one clock far ahead would outweigh all else for ever.
        least(ts, received_at + INTERVAL 5 MINUTE) AS seen,
        -- Bounded on both sides, so that the power stays finite whatever time a row claims.
        exp2(greatest(-7000, least(7000, (toUnixTimestamp64Milli(seen) - 1767225600000) / 86400000)) / 30) AS growth,
        if(type = 'view' AND part > 0, 0., transform(
            toString(type),
            ['purchase', 'checkout_start', 'booking_request', 'subscribe', 'ticket_click', 'cart_add', 'review', 'tip',
             'attendance', 'share', 'waitlist_join', 'waitlist_accept', 'interest', 'follow', 'comment',
             'agreement_sign', 'save', 'friend_add', 'message', 'view', 'search', 'like', 'media_play',
             'form_submit', 'click', 'page_view', 'swipe', 'custom', 'scroll', 'impression'],
            [10., 8, 8, 8, 6, 6, 6, 6,
             6, 5, 5, 5, 4, 4, 4,
             4, 3, 3, 3, 2, 2, 2, 2,
             2, 1, 0.5, 0.5, 0.5, 0.2, 0.1],
            0.
        )) AS points
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production'
)
GROUP BY site_id, user_key
COMMENT 'Feeds user_state from each block of interactions; bots and test environments are left out.';
