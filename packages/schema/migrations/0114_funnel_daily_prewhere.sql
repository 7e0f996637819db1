-- Rows of earlier counts are left out before FINAL looks at them (PREWHERE): merging them costs more than reading them. FINAL
-- stays, because two machines of a cluster may count a day in the same millisecond.
CREATE OR REPLACE VIEW turnout.funnel_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    event_id String COMMENT 'The event; empty on the row of the whole site, where a person counts with the event that got furthest.',
    impressions UInt64 COMMENT 'People who saw it: step 1.',
    clicks UInt64 COMMENT 'People who then clicked it.',
    views UInt64 COMMENT 'People who then opened its details.',
    interested UInt64 COMMENT 'People who then showed interest.',
    ticket_clicks UInt64 COMMENT 'People who then followed a ticket link.',
    purchases UInt64 COMMENT 'People who then purchased.',
    conversion_rate Float64 COMMENT 'purchases / impressions.',
    computed_at DateTime64(3, 'UTC') COMMENT 'When the day was last counted; a few minutes after its last row.'
)
AS
SELECT
    f.site_id AS site_id,
    f.date AS date,
    f.event_id AS event_id,
    f.impressions AS impressions,
    f.clicks AS clicks,
    f.views AS views,
    f.interested AS interested,
    f.ticket_clicks AS ticket_clicks,
    f.purchases AS purchases,
    f.purchases / f.impressions AS conversion_rate,
    f.computed_at AS computed_at
FROM turnout.funnel_day AS f FINAL
PREWHERE (f.site_id, f.date, f.computed_at) IN (
    SELECT l.site_id, l.date, max(l.computed_at) FROM turnout.funnel_day AS l GROUP BY l.site_id, l.date
)
WHERE f.impressions > 0
COMMENT 'How far people got with each event, each day: steps in this order and within the day.';
