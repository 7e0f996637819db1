CREATE TABLE IF NOT EXISTS turnout.entities
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing: event, artist, venue, ad, offer … or one of your own.',
    entity_id String COMMENT 'Its id, as interactions say it.',
    version UInt64 COMMENT 'The highest version of a thing is valid: milliseconds since 1970, or any number that grows.',
    deleted UInt8 COMMENT '1 when the thing is gone from the catalogue.',
    name String COMMENT 'What people call it.',
    city String COMMENT 'Where it is.',
    country LowCardinality(String) COMMENT 'Country it is in, ISO 3166-1 alpha-2.',
    genre LowCardinality(String) COMMENT 'Its genre.',
    artist_id String COMMENT 'Of an event: who plays.',
    venue_id String COMMENT 'Of an event: where.',
    starts_on Nullable(Date) COMMENT 'First day of the event, or of the run of an ad or offer.',
    ends_on Nullable(Date) COMMENT 'Last day of it.',
    price_min Nullable(Decimal(18, 4)) COMMENT 'Lowest price, in the currency of the site.',
    price_max Nullable(Decimal(18, 4)) COMMENT 'Highest price.',
    capacity Nullable(UInt32) COMMENT 'How many people fit, or pieces there are.',
    cost Nullable(Decimal(18, 4)) COMMENT 'What it costs the site, in its currency, for each cost_per.',
    cost_per LowCardinality(String) COMMENT 'run: cost is for all days from starts_on to ends_on, spread evenly. day, mille (1,000 impressions) or click: cost is for one of them. Empty counts as run.',
    updated_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the collector had it.'
)
-- The newest version of each thing wins. Views join it when they are read: a name that changes changes everywhere.
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, entity_type, entity_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Dimension: what a site knows about its events, artists, venues, ads and offers. Read with FINAL and deleted = 0.';
