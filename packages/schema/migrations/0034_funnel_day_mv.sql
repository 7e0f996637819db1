-- Every day that got a row since it was last counted. Ten minutes more, because a block is stored a moment after it
-- notes its time. At most 64 days at once, which bounds the memory; the rest follows at the next refresh.
-- due is one value, found once: were it asked twice, a day could be marked as counted that was not.
CREATE MATERIALIZED VIEW IF NOT EXISTS turnout.funnel_day_mv REFRESH EVERY 5 MINUTE APPEND TO turnout.funnel_day
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
EMPTY AS
WITH (
    SELECT groupArray((toString(site_id), date))
    FROM
    (
        SELECT days.site_id AS site_id, days.date AS date
        FROM (SELECT t.site_id AS site_id, t.date AS date, max(t.touched_at) AS touched FROM turnout.touched_days AS t GROUP BY site_id, date) AS days
        LEFT JOIN (SELECT f.site_id AS site_id, f.date AS date, max(f.computed_at) AS computed FROM turnout.funnel_day AS f GROUP BY site_id, date) AS counts
        ON days.site_id = counts.site_id AND days.date = counts.date
        WHERE days.touched + INTERVAL 10 MINUTE >= counts.computed
        ORDER BY days.touched >= counts.computed DESC, days.date DESC, days.site_id
        LIMIT 64
    )
) AS due
SELECT
    site_id,
    date,
    reached.1 AS event_id,
    countIf(reached.2 >= 1) AS impressions,
    countIf(reached.2 >= 2) AS clicks,
    countIf(reached.2 >= 3) AS views,
    countIf(reached.2 >= 4) AS interested,
    countIf(reached.2 >= 5) AS ticket_clicks,
    countIf(reached.2 >= 6) AS purchases,
    now64(3, 'UTC') AS computed_at
FROM
(
    SELECT site_id, date, arrayPushBack(groupArray((own_id, level)), ('', max(level))) AS all_reached
    FROM
    (
        SELECT
            site_id,
            local_date AS date,
            user_key,
            entity_id AS own_id,
            windowFunnel(172800000)(
                toUInt64(greatest(0, toUnixTimestamp64Milli(ts))),
                type = 'impression', type = 'click', type = 'view', type = 'interest', type = 'ticket_click', type = 'purchase'
            ) AS level
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND entity_type = 'event' AND entity_id != '' AND undo = 0
            AND type IN ('impression', 'click', 'view', 'interest', 'ticket_click', 'purchase') AND (type != 'view' OR part = 0)
            AND (site_id, local_date) IN due
        GROUP BY site_id, date, user_key, own_id
    )
    GROUP BY site_id, date, user_key
    -- A day without any of these still gets its row, so that it is not due for ever.
    UNION ALL
    SELECT one.1 AS site_id, one.2 AS date, [('', toUInt8(0))] AS all_reached FROM (SELECT arrayJoin(due) AS one)
)
ARRAY JOIN all_reached AS reached
GROUP BY site_id, date, event_id
HAVING impressions > 0 OR event_id = ''
COMMENT 'Counts anew, every five minutes, the days of funnel_day that got rows.';
