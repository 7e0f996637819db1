-- Reads its block alone, looks nothing up and cannot throw.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.searches_mv TO turnout.searches
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    search_id String COMMENT 'One search; the id of the interaction where the search has none of its own.',
    date Date COMMENT 'Day of its first interaction in the time zone of the site.',
    first_ts DateTime64(3, 'UTC') COMMENT 'Its first interaction.',
    last_ts DateTime64(3, 'UTC') COMMENT 'Its last interaction.',
    query String COMMENT 'What was searched for.',
    performed UInt64 COMMENT '1 when the search itself is stored, 0 while only a choice is.',
    results Nullable(UInt32) COMMENT 'How many results it found; null when it did not say.',
    clicks UInt64 COMMENT 'Results chosen.',
    ranked_clicks UInt64 COMMENT 'Choices that say their position.',
    rank_sum UInt64 COMMENT 'Sum of the ranks of those choices; the first result has rank 1.'
)
AS
SELECT
    site_id,
    user_key,
    if(own_search_id = '', toString(id), own_search_id) AS search_id,
    min(local_date) AS date,
    min(ts) AS first_ts,
    max(ts) AS last_ts,
    max(if(type = 'search', own_query, '')) AS query,
    countIf(type = 'search') AS performed,
    maxOrNullIf(result_count, type = 'search') AS results,
    countIf(type = 'click') AS clicks,
    countIf(type = 'click' AND isNotNull(position)) AS ranked_clicks,
    sumIf(toUInt64(ifNull(position, 0)) + 1, type = 'click' AND isNotNull(position)) AS rank_sum
FROM
(
    SELECT site_id, user_key, id, local_date, ts, type, position, result_count, search_id AS own_search_id, query AS own_query
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND (type = 'search' OR (type = 'click' AND search_id != ''))
)
GROUP BY site_id, user_key, search_id
COMMENT 'Feeds searches from each block of interactions; bots and test environments are left out.';
