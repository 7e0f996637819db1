CREATE VIEW IF NOT EXISTS turnout.venue_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    venue_id String COMMENT 'The venue.',
    profile_views UInt64 COMMENT 'Times the page of the venue was opened (views of the venue, part 0).',
    new_followers Int64 COMMENT 'Follows of the venue, net of undone.',
    total_followers Int64 COMMENT 'new_followers of all days up to this one.',
    events_hosted UInt64 COMMENT 'Events of the venue that had an attendance that day, or any interaction that day that carried an event_date of that day.',
    event_impressions UInt64 COMMENT 'Impressions of events of the venue.',
    event_attendance UInt64 COMMENT 'People with an attendance at an event of the venue; entry and exit count one person once.',
    reviews_received UInt64 COMMENT 'Reviews of the venue and of events of the venue.',
    avg_venue_rating Nullable(Float64) COMMENT 'Average rating of those reviews; null without ratings.'
)
AS
SELECT
    site_id,
    date,
    venue_id,
    profile_views,
    new_followers,
    sum(new_followers) OVER (PARTITION BY site_id, venue_id ORDER BY date) AS total_followers,
    events_hosted,
    event_impressions,
    event_attendance,
    reviews_received,
    if(ratings = 0, NULL, toFloat64(rating_sum) / ratings) AS avg_venue_rating
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.entity_id AS venue_id,
        sumIf(d.views, d.via = 'direct') AS profile_views,
        sumIf(d.follows, d.via = 'direct') AS new_followers,
        uniqMerge(d.events_hosted) AS events_hosted,
        sumIf(d.impressions, d.via = 'event') AS event_impressions,
        uniqMergeIf(d.attendees, d.via = 'event') AS event_attendance,
        sum(d.reviews) AS reviews_received,
        sum(d.ratings) AS ratings,
        sum(d.rating_sum) AS rating_sum
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'venue'
    GROUP BY site_id, date, venue_id
)
COMMENT 'Each venue, each day on which anything happened to the venue or an event there.';
