-- City, country, age band and gender were stamped by the collector: nothing is looked up.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.event_demographics_day_mv TO turnout.event_demographics_day
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
AS
SELECT
    site_id,
    local_date AS date,
    own_id AS event_id,
    cell.1 AS facet,
    cell.2 AS age_band,
    cell.3 AS gender,
    cell.4 AS city,
    cell.5 AS country,
    uniqState(user_key) AS viewers
FROM
(
    SELECT
        site_id, local_date, user_key,
        entity_id AS own_id,
        [
            ('demographics', toString(age_band), toString(gender), '', ''),
            ('location', '', '', city, toString(country))
        ] AS cells
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production'
        AND entity_type = 'event' AND entity_id != '' AND type IN ('view', 'click')
)
ARRAY JOIN arrayFilter(c -> concat(c.2, c.3, c.4, c.5) != '', cells) AS cell
GROUP BY site_id, date, event_id, facet, age_band, gender, city, country
COMMENT 'Feeds event_demographics_day from each block of interactions; bots and test environments are left out.';
