CREATE VIEW IF NOT EXISTS turnout.artist_daily
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
    total_engagement Int64 COMMENT 'Likes (net of undone), comments and shares, of the artist and of events of the artist.'
)
AS
SELECT
    site_id,
    date,
    artist_id,
    profile_views,
    new_followers,
    sum(new_followers) OVER (PARTITION BY site_id, artist_id ORDER BY date) AS total_followers,
    active_events,
    event_impressions,
    event_clicks,
    reviews_received,
    if(ratings = 0, NULL, toFloat64(rating_sum) / ratings) AS avg_rating,
    total_engagement
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
        sum(d.likes + toInt64(d.comments) + toInt64(d.shares)) AS total_engagement
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'artist'
    GROUP BY site_id, date, artist_id
)
COMMENT 'Each artist, each day on which anything happened to the artist or an event of theirs.';
