CREATE VIEW IF NOT EXISTS turnout.event_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    event_id String COMMENT 'The event.',
    impressions UInt64 COMMENT 'Times it was seen: at least half visible for at least a second.',
    unique_viewers UInt64 COMMENT 'People with a view or a click.',
    unique_reach UInt64 COMMENT 'People with an impression.',
    clicks UInt64 COMMENT 'Clicks on the event.',
    click_through_rate Float64 COMMENT 'clicks / impressions; 0 without impressions.',
    views UInt64 COMMENT 'Times its details were opened.',
    view_seconds Float64 COMMENT 'Time its details were visible, in seconds.',
    interested_count Int64 COMMENT 'Interest shown, net of undone.',
    saves_count Int64 COMMENT 'Saves, net of undone.',
    review_count UInt64 COMMENT 'Reviews written.',
    avg_rating Nullable(Float64) COMMENT 'Average rating of those reviews; null without ratings.',
    likes_count Int64 COMMENT 'Likes, net of undone.',
    comments_count UInt64 COMMENT 'Comments.',
    shares_count UInt64 COMMENT 'Shares.',
    ticket_link_clicks UInt64 COMMENT 'Clicks on ticket links.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    ticket_conversion_rate Float64 COMMENT 'purchases / ticket_link_clicks; 0 without ticket clicks, and above 1 when people buy without one.',
    tickets_sold UInt64 COMMENT 'Pieces bought, refunded ones included; one where a purchase does not say.',
    refunds UInt64 COMMENT 'Refunds.',
    revenue Decimal(38, 4) COMMENT 'gross_revenue less refunds. Other currencies than that of the site are left out.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    viewer_demographics Array(Tuple(age_band String, gender String, people UInt64)) COMMENT 'Viewers by age band and gender, largest first; people about whom neither is known are left out.',
    viewer_locations Array(Tuple(city String, country String, people UInt64)) COMMENT 'Viewers by city and country, largest first; people whose place is unknown are left out.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.event_id AS event_id,
    impressions,
    unique_viewers,
    unique_reach,
    clicks,
    if(impressions = 0, 0, clicks / impressions) AS click_through_rate,
    views,
    view_ms / 1000 AS view_seconds,
    interested_count,
    saves_count,
    review_count,
    if(ratings = 0, NULL, toFloat64(rating_sum) / ratings) AS avg_rating,
    likes_count,
    comments_count,
    shares_count,
    ticket_link_clicks,
    purchases,
    if(ticket_link_clicks = 0, 0, purchases / ticket_link_clicks) AS ticket_conversion_rate,
    tickets_sold,
    refunds,
    revenue,
    gross_revenue,
    viewers.demographics AS viewer_demographics,
    viewers.locations AS viewer_locations
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.entity_id AS event_id,
        sum(d.impressions) AS impressions,
        uniqMerge(d.viewers) AS unique_viewers,
        uniqMerge(d.reach) AS unique_reach,
        sum(d.clicks) AS clicks,
        sum(d.views) AS views,
        sum(d.view_ms) AS view_ms,
        sum(d.interested) AS interested_count,
        sum(d.saves) AS saves_count,
        sum(d.reviews) AS review_count,
        sum(d.ratings) AS ratings,
        sum(d.rating_sum) AS rating_sum,
        sum(d.likes) AS likes_count,
        sum(d.comments) AS comments_count,
        sum(d.shares) AS shares_count,
        sum(d.ticket_clicks) AS ticket_link_clicks,
        sum(d.purchases) AS purchases,
        sum(d.quantity) AS tickets_sold,
        sum(d.refunds) AS refunds,
        sum(d.revenue) AS revenue,
        sum(d.gross) AS gross_revenue
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'event'
    GROUP BY site_id, date, event_id
) AS measures
-- A left join loses nothing: whoever has a row on the right has a view or a click, and so one on the left.
LEFT JOIN
(
    SELECT
        site_id,
        date,
        event_id,
        arraySort(c -> (-toInt64(c.3), c.1, c.2), groupArrayIf((toString(age_band), toString(gender), people), facet = 'demographics')) AS demographics,
        arraySort(c -> (-toInt64(c.3), c.1, c.2), groupArrayIf((city, toString(country), people), facet = 'location')) AS locations
    FROM
    (
        SELECT site_id, date, event_id, facet, age_band, gender, city, country, uniqMerge(viewers) AS people
        FROM turnout.event_demographics_day
        GROUP BY site_id, date, event_id, facet, age_band, gender, city, country
    )
    GROUP BY site_id, date, event_id
) AS viewers
ON measures.site_id = viewers.site_id AND measures.date = viewers.date AND measures.event_id = viewers.event_id
COMMENT 'Each event, each day on which anything happened to it.';
