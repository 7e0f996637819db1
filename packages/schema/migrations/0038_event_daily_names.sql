CREATE OR REPLACE VIEW turnout.event_daily
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
    viewer_demographics Array(Tuple(age_band String, gender String, people UInt64)) COMMENT 'Viewers by age band and gender, largest first; people about whom neither is known are left out. Withheld where few: a cell is shown when it has at least 10 people and what is not shown of unique_viewers is nobody or at least 10; the smallest cells go first.',
    viewer_locations Array(Tuple(city String, country String, people UInt64)) COMMENT 'Viewers by city and country, largest first; people whose place is unknown are left out. Withheld where few: a cell is shown when it has at least 10 people and what is not shown of unique_viewers is nobody or at least 10; the smallest cells go first.',
    event_name String COMMENT 'Its name in the catalogue; empty when unknown.',
    genre LowCardinality(String) COMMENT 'Its genre in the catalogue.',
    city String COMMENT 'Where it is, by the catalogue.',
    starts_on Nullable(Date) COMMENT 'Its day, by the catalogue.',
    artist_id String COMMENT 'Who plays, by the catalogue.',
    venue_id String COMMENT 'Where, by the catalogue.',
    unique_buyers UInt64 COMMENT 'People with a purchase.',
    attendance UInt64 COMMENT 'People with an attendance; entry and exit count one person once.',
    cart_adds UInt64 COMMENT 'Put into a cart.'
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
    -- The largest cells, as many as may be shown: what is left out must not be a few people, whom a subtraction would tell.
    arraySlice(viewers.demographics, 1, arrayMax(arrayFilter(
        shown -> shown = 0 OR (
            (viewers.demographics[shown].3) >= 10
            AND (toInt64(unique_viewers) - toInt64(arraySum(c -> c.3, arraySlice(viewers.demographics, 1, shown)))) NOT BETWEEN 1 AND 9
            AND (unique_viewers >= arraySum(c -> c.3, arraySlice(viewers.demographics, 1, shown)) OR shown = length(viewers.demographics))
        ),
        range(length(viewers.demographics) + 1)
    ))) AS viewer_demographics,
    arraySlice(viewers.locations, 1, arrayMax(arrayFilter(
        shown -> shown = 0 OR (
            (viewers.locations[shown].3) >= 10
            AND (toInt64(unique_viewers) - toInt64(arraySum(c -> c.3, arraySlice(viewers.locations, 1, shown)))) NOT BETWEEN 1 AND 9
            AND (unique_viewers >= arraySum(c -> c.3, arraySlice(viewers.locations, 1, shown)) OR shown = length(viewers.locations))
        ),
        range(length(viewers.locations) + 1)
    ))) AS viewer_locations,
    known.name AS event_name,
    known.genre AS genre,
    known.city AS city,
    known.starts_on AS starts_on,
    known.artist_id AS artist_id,
    known.venue_id AS venue_id,
    unique_buyers,
    attendance,
    cart_adds
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
        sum(d.gross) AS gross_revenue,
        uniqMerge(d.buyers) AS unique_buyers,
        uniqMerge(d.attendees) AS attendance,
        sum(d.cart_adds) AS cart_adds
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
-- Names are joined when they are read, so that a new name is new everywhere.
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'event') AS known
ON measures.site_id = known.site_id AND measures.event_id = known.entity_id
COMMENT 'Each event, each day on which anything happened to it.';
