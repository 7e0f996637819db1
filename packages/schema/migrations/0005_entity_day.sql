CREATE TABLE IF NOT EXISTS turnout.entity_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing: event, artist, venue, ad, offer … or one of your own.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_id String COMMENT 'Id of the thing.',
    via LowCardinality(String) COMMENT 'direct: interactions about this thing itself. event: about an event that carries this artist or venue; only artists and venues have such rows, with the same measures.',
    served SimpleAggregateFunction(sum, UInt64) COMMENT 'served interactions: an ad was rendered.',
    impressions SimpleAggregateFunction(sum, UInt64) COMMENT 'Impressions: at least half visible for at least a second.',
    clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks.',
    views SimpleAggregateFunction(sum, UInt64) COMMENT 'Views opened (part 0).',
    view_ms SimpleAggregateFunction(sum, UInt64) COMMENT 'Visible time of all parts of views, in milliseconds.',
    interested SimpleAggregateFunction(sum, Int64) COMMENT 'interest, net of undone.',
    likes SimpleAggregateFunction(sum, Int64) COMMENT 'Likes, net of undone.',
    saves SimpleAggregateFunction(sum, Int64) COMMENT 'Saves, net of undone.',
    follows SimpleAggregateFunction(sum, Int64) COMMENT 'Follows, net of undone.',
    comments SimpleAggregateFunction(sum, UInt64) COMMENT 'Comments.',
    shares SimpleAggregateFunction(sum, UInt64) COMMENT 'Shares.',
    reviews SimpleAggregateFunction(sum, UInt64) COMMENT 'Reviews written.',
    ratings SimpleAggregateFunction(sum, UInt64) COMMENT 'Reviews that carry a rating.',
    rating_sum SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'Sum of their ratings.',
    ticket_clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on ticket links.',
    cart_adds SimpleAggregateFunction(sum, UInt64) COMMENT 'Put into a cart.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases, refunded ones included.',
    refunds SimpleAggregateFunction(sum, UInt64) COMMENT 'Refunds.',
    quantity SimpleAggregateFunction(sum, UInt64) COMMENT 'Pieces bought (one where a purchase does not say), refunded ones included.',
    refunded_quantity SimpleAggregateFunction(sum, UInt64) COMMENT 'Pieces refunded.',
    gross SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'Money from purchases in the currency of the site.',
    revenue SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'gross less refunds.',
    dismissals SimpleAggregateFunction(sum, UInt64) COMMENT 'Dismissed by the visitor.',
    people AggregateFunction(uniq, UInt64) COMMENT 'People with any interaction.',
    reach AggregateFunction(uniq, UInt64) COMMENT 'People with an impression.',
    viewers AggregateFunction(uniq, UInt64) COMMENT 'People with a view or a click.',
    buyers AggregateFunction(uniq, UInt64) COMMENT 'People with a purchase.',
    attendees AggregateFunction(uniq, UInt64) COMMENT 'People with an attendance; entry and exit are one person.',
    events AggregateFunction(uniq, String) COMMENT 'On rows via event: the distinct events that had any interaction.',
    events_hosted AggregateFunction(uniq, String) COMMENT 'On rows via event: the distinct events with an attendance that day, or seen with an event_date of that day.'
)
-- One table for every kind of thing. The key serves the daily views: one kind over a range of days.
-- People are uniq states: exact below 65,536, and the same in any order of arrival, which uniqCombined is not; so a
-- recount from raw must agree to the last person.
-- No expiry: it holds no person, and followers add up over all days.
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, entity_type, date, entity_id, via)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each thing, each day. Aggregate on reading; event_daily, artist_daily and venue_daily do.';
