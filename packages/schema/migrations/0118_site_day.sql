CREATE TABLE IF NOT EXISTS turnout.site_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that it was done to: event, artist, venue, ad, offer … or one of your own. Empty for what is about no thing, such as page views and searches.',
    interactions SimpleAggregateFunction(sum, UInt64) COMMENT 'Interactions of any type.',
    page_views SimpleAggregateFunction(sum, UInt64) COMMENT 'Pages opened.',
    served SimpleAggregateFunction(sum, UInt64) COMMENT 'served interactions: an ad was rendered.',
    impressions SimpleAggregateFunction(sum, UInt64) COMMENT 'Impressions: at least half visible for at least a second.',
    clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks.',
    views SimpleAggregateFunction(sum, UInt64) COMMENT 'Views opened (part 0).',
    interested SimpleAggregateFunction(sum, Int64) COMMENT 'interest, net of undone.',
    likes SimpleAggregateFunction(sum, Int64) COMMENT 'Likes, net of undone.',
    saves SimpleAggregateFunction(sum, Int64) COMMENT 'Saves, net of undone.',
    follows SimpleAggregateFunction(sum, Int64) COMMENT 'Follows, net of undone.',
    comments SimpleAggregateFunction(sum, UInt64) COMMENT 'Comments.',
    shares SimpleAggregateFunction(sum, UInt64) COMMENT 'Shares.',
    reviews SimpleAggregateFunction(sum, UInt64) COMMENT 'Reviews written.',
    searches SimpleAggregateFunction(sum, UInt64) COMMENT 'Searches performed.',
    ticket_clicks SimpleAggregateFunction(sum, UInt64) COMMENT 'Clicks on ticket links.',
    cart_adds SimpleAggregateFunction(sum, UInt64) COMMENT 'Put into a cart.',
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'Purchases, refunded ones included.',
    refunds SimpleAggregateFunction(sum, UInt64) COMMENT 'Refunds.',
    quantity SimpleAggregateFunction(sum, UInt64) COMMENT 'Pieces bought (one where a purchase does not say), refunded ones included.',
    refunded_quantity SimpleAggregateFunction(sum, UInt64) COMMENT 'Pieces refunded.',
    gross SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'Money from purchases in the currency of the site.',
    revenue SimpleAggregateFunction(sum, Decimal(38, 4)) COMMENT 'gross less refunds.'
)
-- What a site did over months is a handful of rows here, where entity_day has one for each thing and each day. Not partitioned:
-- one file for all days is opened faster than one a month. It counts what was done, and holds no person.
ENGINE = AggregatingMergeTree
ORDER BY (site_id, date, entity_type)
TTL date + INTERVAL 24 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: each site, each day, each kind of thing: the totals of a site. Aggregate on reading.';
