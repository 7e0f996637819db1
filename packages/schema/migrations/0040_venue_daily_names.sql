CREATE OR REPLACE VIEW turnout.venue_daily
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
    avg_venue_rating Nullable(Float64) COMMENT 'Average rating of those reviews; null without ratings.',
    venue_name String COMMENT 'Name in the catalogue; empty when unknown.',
    city String COMMENT 'Where it is, by the catalogue.',
    capacity Nullable(UInt32) COMMENT 'How many people fit, by the catalogue; null when unknown.',
    scheduled_events UInt64 COMMENT 'Events of the venue in the catalogue that are on that day or later.',
    active_events UInt64 COMMENT 'Events of the venue that had any interaction that day.',
    event_clicks UInt64 COMMENT 'Clicks on events of the venue.',
    total_engagement Int64 COMMENT 'Likes (net of undone), comments and shares, of the venue and of events of the venue.',
    event_views UInt64 COMMENT 'Times details of events of the venue were opened.',
    event_viewers UInt64 COMMENT 'People with a view or a click of an event of the venue.',
    ticket_link_clicks UInt64 COMMENT 'Clicks on ticket links of events of the venue.',
    tickets_sold UInt64 COMMENT 'Pieces bought for events of the venue, refunded ones included.',
    revenue Decimal(38, 4) COMMENT 'Money from events of the venue, less refunds.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.venue_id AS venue_id,
    profile_views,
    new_followers,
    sum(new_followers) OVER (PARTITION BY measures.site_id, measures.venue_id ORDER BY measures.date) AS total_followers,
    events_hosted,
    event_impressions,
    event_attendance,
    reviews_received,
    if(ratings = 0, NULL, toFloat64(rating_sum) / ratings) AS avg_venue_rating,
    known.name AS venue_name,
    known.city AS city,
    known.capacity AS capacity,
    arrayCount(day -> day >= measures.date, scheduled.days) AS scheduled_events,
    active_events,
    event_clicks,
    total_engagement,
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
        d.entity_id AS venue_id,
        sumIf(d.views, d.via = 'direct') AS profile_views,
        sumIf(d.follows, d.via = 'direct') AS new_followers,
        uniqMerge(d.events_hosted) AS events_hosted,
        sumIf(d.impressions, d.via = 'event') AS event_impressions,
        uniqMergeIf(d.attendees, d.via = 'event') AS event_attendance,
        sum(d.reviews) AS reviews_received,
        sum(d.ratings) AS ratings,
        sum(d.rating_sum) AS rating_sum,
        uniqMerge(d.events) AS active_events,
        sumIf(d.clicks, d.via = 'event') AS event_clicks,
        sum(d.likes + toInt64(d.comments) + toInt64(d.shares)) AS total_engagement,
        sumIf(d.views, d.via = 'event') AS event_views,
        uniqMergeIf(d.viewers, d.via = 'event') AS event_viewers,
        sumIf(d.ticket_clicks, d.via = 'event') AS ticket_link_clicks,
        sumIf(d.quantity, d.via = 'event') AS tickets_sold,
        sumIf(d.revenue, d.via = 'event') AS revenue
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'venue'
    GROUP BY site_id, date, venue_id
) AS measures
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'venue') AS known
ON measures.site_id = known.site_id AND measures.venue_id = known.entity_id
LEFT JOIN
(
    SELECT site_id, venue_id, groupArray(assumeNotNull(coalesce(ends_on, starts_on))) AS days
    FROM turnout.entities FINAL
    WHERE deleted = 0 AND entity_type = 'event' AND venue_id != '' AND isNotNull(coalesce(ends_on, starts_on))
    GROUP BY site_id, venue_id
) AS scheduled
ON measures.site_id = scheduled.site_id AND measures.venue_id = scheduled.venue_id
COMMENT 'Each venue, each day on which anything happened to the venue or an event there.';
