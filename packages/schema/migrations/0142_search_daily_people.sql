CREATE OR REPLACE VIEW turnout.search_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    query String COMMENT 'What was searched for, in lower case and without spaces around it.',
    searches UInt64 COMMENT 'Times it was searched for.',
    people UInt64 COMMENT 'People who searched for it.',
    results Nullable(Float64) COMMENT 'Results found, on average, where searches said so; null where none did.',
    zero_results UInt64 COMMENT 'Searches that found nothing.',
    zero_result_rate Float64 COMMENT 'zero_results / searches that said how much they found; 0 without.',
    clicks UInt64 COMMENT 'Results chosen, whenever that was.',
    searches_with_click UInt64 COMMENT 'Searches of which a result was chosen.',
    click_rate Float64 COMMENT 'searches_with_click / searches.',
    average_click_rank Nullable(Float64) COMMENT 'Place of the chosen results, on average; the first result has 1. Null where no choice says its place.',
    abandoned UInt64 COMMENT 'Searches of which no result was chosen.'
)
AS
SELECT
    site_id,
    day AS date,
    wanted AS query,
    count() AS searches,
    uniqArray(searchers) AS people,
    avg(found) AS results,
    countIf(found = 0) AS zero_results,
    if(count(found) = 0, 0, zero_results / count(found)) AS zero_result_rate,
    sum(chosen) AS clicks,
    countIf(chosen > 0) AS searches_with_click,
    searches_with_click / searches AS click_rate,
    if(sum(ranked) = 0, NULL, sum(ranks) / sum(ranked)) AS average_click_rank,
    searches - searches_with_click AS abandoned
FROM
(
    SELECT
        s.site_id AS site_id,
        s.search_id AS search_id,
        min(s.date) AS day,
        -- Not who chose: somebody may have signed in between, and is another person then.
        groupUniqArrayIf(s.user_key, s.performed > 0) AS searchers,
        lowerUTF8(trimBoth(max(s.query))) AS wanted,
        max(s.results) AS found,
        sum(s.clicks) AS chosen,
        sum(s.ranked_clicks) AS ranked,
        sum(s.rank_sum) AS ranks
    FROM turnout.searches AS s
    GROUP BY site_id, search_id
    HAVING sum(s.performed) > 0
)
GROUP BY site_id, date, query
COMMENT 'Each thing that was searched for, each day.';
