CREATE OR REPLACE VIEW turnout.artist_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    artist_id String COMMENT 'The artist.',
    profile_views UInt64 COMMENT 'Times the page of the artist was opened (views of the artist, part 0).',
    new_followers Int64 COMMENT 'Follows of the artist, net of undone.',
    total_followers Int64 COMMENT 'new_followers of all days up to this one.',
    active_events UInt64 COMMENT 'Events of the artist that had any interaction that day.',
    event_impressions UInt64 COMMENT 'Impressions of events of the artist.',
    event_clicks UInt64 COMMENT 'Clicks on events of the artist.',
    reviews_received UInt64 COMMENT 'Reviews of the artist and of events of the artist.',
    avg_rating Nullable(Float64) COMMENT 'Average rating of those reviews; null without ratings.',
    total_engagement Int64 COMMENT 'Likes (net of undone), comments and shares, of the artist and of events of the artist.',
    artist_name String COMMENT 'Name in the catalogue; empty when unknown.',
    genre LowCardinality(String) COMMENT 'Genre in the catalogue.',
    scheduled_events UInt64 COMMENT 'Events of the artist in the catalogue that are on that day or later.',
    event_views UInt64 COMMENT 'Times details of events of the artist were opened.',
    event_viewers UInt64 COMMENT 'People with a view or a click of an event of the artist.',
    ticket_link_clicks UInt64 COMMENT 'Clicks on ticket links of events of the artist.',
    tickets_sold UInt64 COMMENT 'Pieces bought for events of the artist, refunded ones included.',
    revenue Decimal(38, 4) COMMENT 'Money from events of the artist, less refunds.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.artist_id AS artist_id,
    profile_views,
    new_followers,
    sum(new_followers) OVER (PARTITION BY measures.site_id, measures.artist_id ORDER BY measures.date) AS total_followers,
    active_events,
    event_impressions,
    event_clicks,
    reviews_received,
    if(ratings = 0, NULL, toFloat64(rating_sum) / ratings) AS avg_rating,
    total_engagement,
    known.name AS artist_name,
    known.genre AS genre,
    arrayCount(day -> day >= measures.date, scheduled.days) AS scheduled_events,
    event_views,
    event_viewers,
    ticket_link_clicks,
    tickets_sold,
    revenue
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.entity_id AS artist_id,
        sumIf(d.views, d.via = 'direct') AS profile_views,
        sumIf(d.follows, d.via = 'direct') AS new_followers,
        uniqMerge(d.events) AS active_events,
        sumIf(d.impressions, d.via = 'event') AS event_impressions,
        sumIf(d.clicks, d.via = 'event') AS event_clicks,
        sum(d.reviews) AS reviews_received,
        sum(d.ratings) AS ratings,
        sum(d.rating_sum) AS rating_sum,
        sum(d.likes + toInt64(d.comments) + toInt64(d.shares)) AS total_engagement,
        sumIf(d.views, d.via = 'event') AS event_views,
        uniqMergeIf(d.viewers, d.via = 'event') AS event_viewers,
        sumIf(d.ticket_clicks, d.via = 'event') AS ticket_link_clicks,
        sumIf(d.quantity, d.via = 'event') AS tickets_sold,
        sumIf(d.revenue, d.via = 'event') AS revenue
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'artist'
    GROUP BY site_id, date, artist_id
) AS measures
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'artist') AS known
ON measures.site_id = known.site_id AND measures.artist_id = known.entity_id
LEFT JOIN
(
    SELECT site_id, artist_id, groupArray(assumeNotNull(coalesce(ends_on, starts_on))) AS days
    FROM turnout.entities FINAL
    WHERE deleted = 0 AND entity_type = 'event' AND artist_id != '' AND isNotNull(coalesce(ends_on, starts_on))
    GROUP BY site_id, artist_id
) AS scheduled
ON measures.site_id = scheduled.site_id AND measures.artist_id = scheduled.artist_id
COMMENT 'Each artist, each day on which anything happened to the artist or an event of theirs.';
