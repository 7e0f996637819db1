CREATE TABLE IF NOT EXISTS turnout.user_state
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'First interaction.',
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Last interaction of their own: refunds and waitlist offers and expiries are not theirs. 1970 when there is none.',
    active_days AggregateFunction(groupBitmap, UInt32) COMMENT 'Days with an interaction of their own, as days since 1970.',
    sessions AggregateFunction(uniq, UInt64) COMMENT 'Sessions, by session_key.',
    pages SimpleAggregateFunction(sum, UInt64) COMMENT 'Pages and details opened in sessions: page_view, and view with part 0.',
    ticket_clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on ticket links.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases, refunded ones included.',
    activity_30 SimpleAggregateFunction(sum, Float64) COMMENT 'Points of all interactions, forward-decayed: the sum of points × 2^(days since 2026-01-01 / 30). Points: purchase 10; checkout_start, booking_request and subscribe 8; ticket_click, cart_add, review, tip and attendance 6; share, waitlist_join and waitlist_accept 5; interest, follow, comment and agreement_sign 4; save, friend_add and message 3; view (part 0), search, like, media_play and form_submit 2; click 1; page_view, swipe and custom 0.5; scroll 0.2; impression 0.1; others 0.',
    activity_undone_30 SimpleAggregateFunction(sum, Float64) COMMENT 'The same sum for likes, saves, follows and interests taken back: to be subtracted. Apart, so that neither sum loses digits.',
    content_30 SimpleAggregateFunction(sum, Float64) COMMENT 'Minutes of views and media played, forward-decayed like activity_30.',
    social_30 SimpleAggregateFunction(sum, Float64) COMMENT 'Social acts (like, follow, friend_add, share, comment, review, message), forward-decayed like activity_30.',
    social_undone_30 SimpleAggregateFunction(sum, Float64) COMMENT 'The same sum for likes and follows taken back: to be subtracted.'
)
-- The key serves one person's scores, and erasure. A sum stored as w × 2^((t - T0) / 30 days) only ever grows, in
-- any order of arrival; a reader multiplies by 2^(-(now - T0) / 30 days) and has the value that is decayed to now.
-- T0 is 2026-01-01 and can never change.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, user_key)
TTL toDateTime(greatest(first_seen, last_seen)) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each person, over all time. engagement_scores and purchase_likelihood read it.';
