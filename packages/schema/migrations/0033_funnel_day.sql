CREATE TABLE IF NOT EXISTS turnout.funnel_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    event_id String COMMENT 'The event; empty on the row of the whole site, where a person counts with the event that got furthest.',
    impressions UInt64 COMMENT 'People who saw it: step 1.',
    clicks UInt64 COMMENT 'People who then clicked it: step 2.',
    views UInt64 COMMENT 'People who then opened its details: step 3.',
    interested UInt64 COMMENT 'People who then showed interest: step 4.',
    ticket_clicks UInt64 COMMENT 'People who then followed a ticket link: step 5.',
    purchases UInt64 COMMENT 'People who then purchased: step 6.',
    computed_at DateTime64(3, 'UTC') COMMENT 'When this row was counted. Only the rows of the last count of a day are valid.'
)
-- Counted from raw again and again, because a funnel cannot be summed from blocks: a later row may complete it.
-- The key serves one event and all of a site over days. It holds no person.
ENGINE = ReplacingMergeTree(computed_at)
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, date, event_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: how far people got with each event, each day: impression, click, view, interest, ticket_click, purchase, in this order and within the day. Read it through funnel_daily.';
