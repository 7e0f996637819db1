CREATE TABLE IF NOT EXISTS turnout.event_demographics_day
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    event_id String COMMENT 'The event.',
    facet LowCardinality(String) COMMENT 'demographics: the row is about an age band and gender. location: about a city and country.',
    age_band LowCardinality(String) COMMENT 'Age band, on rows of demographics; empty when unknown.',
    gender LowCardinality(String) COMMENT 'Gender, on rows of demographics; empty when unknown.',
    city String COMMENT 'City, on rows of location; empty when unknown.',
    country LowCardinality(String) COMMENT 'Country, on rows of location; empty when unknown.',
    viewers AggregateFunction(uniq, UInt64) COMMENT 'People with a view or a click.'
)
-- The key serves event_daily: all cells of an event and day lie together. Two facets and not their product, so
-- that a cell is as large as it can be and an event keeps few of them. People about whom neither is known have no row.
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (site_id, date, event_id, facet, age_band, gender, city, country)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Rollup: who viewed an event on a day, by age band and gender, and by city and country.';
