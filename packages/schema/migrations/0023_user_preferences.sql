CREATE TABLE IF NOT EXISTS turnout.user_preferences
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    kind LowCardinality(String) COMMENT 'What the taste is about: genre, artist, venue; price (band of the price shown, or paid for one piece where none was shown); spending (tier of a transaction); week (weekday, or weekend from Friday to Sunday, of the event); lead (last_minute up to 7 days before the event, ahead up to 30, planner); party (solo, or group from two pieces). spending, lead and party come from purchases alone.',
    value String COMMENT 'What is liked: the genre, the id of the artist or venue, or a word of the kind. Bands and tiers: budget below 50, moderate below 150, premium below 500, luxury.',
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'First interaction that says so.',
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Last interaction that says so.',
    interactions SimpleAggregateFunction(sum, UInt64) COMMENT 'Interactions that say so, undone ones included.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases among them, refunded ones included.',
    points_90 SimpleAggregateFunction(sum, Float64) COMMENT 'Their points, forward-decayed: the sum of points × 2^(days since 2026-01-01 / 90). Points: purchase 10; checkout_start and booking_request 8; ticket_click, cart_add, review and attendance 6; share and waitlist_join 5; interest, follow and comment 4; save 3; view (part 0), like and media_play 2; click 1; others have no say.',
    points_undone_90 SimpleAggregateFunction(sum, Float64) COMMENT 'The same sum for likes, saves, follows and interests taken back: to be subtracted.'
)
-- The key serves one person's tastes, and erasure. Decayed forward as in user_state, more slowly: tastes outlast visits.
-- Kept as long as raw, because it is about persons.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, user_key, kind, value)
TTL toDateTime(greatest(first_seen, last_seen)) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: what each person likes, over all time. user_segments reads it.';
