-- A union and not a join: a day that only one side knows keeps its row. Sessions are merged as they are read (FINAL) and not
-- grouped, and days are added up once: of 20 million interactions that is a tenth of the work, also for one person.
-- The whole owner is asked for (materialize): of a part of a tuple FINAL would take the part of any row, not that of the first.
CREATE OR REPLACE VIEW turnout.user_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    user_key UInt64 COMMENT 'The person.',
    events_viewed UInt64 COMMENT 'Details of events opened (views of events, part 0).',
    events_clicked UInt64 COMMENT 'Clicks on events.',
    events_interested Int64 COMMENT 'Interest shown in events, net of undone.',
    ticket_links_clicked UInt64 COMMENT 'Clicks on ticket links.',
    reviews_written UInt64 COMMENT 'Reviews written.',
    reviews_liked Int64 COMMENT 'Likes of reviews, net of undone.',
    reviews_commented UInt64 COMMENT 'Comments on reviews.',
    friends_added UInt64 COMMENT 'Friends added.',
    messages_sent UInt64 COMMENT 'Messages sent.',
    shares_sent UInt64 COMMENT 'Shares sent.',
    searches_performed UInt64 COMMENT 'Searches performed.',
    sessions_count UInt64 COMMENT 'Sessions of the person whose first interaction is that day.',
    total_time_seconds Float64 COMMENT 'Length of those sessions, last less first interaction, in seconds: also where they end the next day.',
    avg_session_duration_seconds Float64 COMMENT 'total_time_seconds / sessions_count; 0 without sessions.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    refunds UInt64 COMMENT 'Refunds.',
    revenue Decimal(38, 4) COMMENT 'gross_revenue less refunds. Other currencies than that of the site are left out.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.'
)
AS
SELECT
    site_id,
    date,
    user_key,
    sum(u.events_viewed) AS events_viewed,
    sum(u.events_clicked) AS events_clicked,
    sum(u.events_interested) AS events_interested,
    sum(u.ticket_links_clicked) AS ticket_links_clicked,
    sum(u.reviews_written) AS reviews_written,
    sum(u.reviews_liked) AS reviews_liked,
    sum(u.reviews_commented) AS reviews_commented,
    sum(u.friends_added) AS friends_added,
    sum(u.messages_sent) AS messages_sent,
    sum(u.shares_sent) AS shares_sent,
    sum(u.searches_performed) AS searches_performed,
    sum(u.sessions) AS sessions_count,
    sum(u.milliseconds) / 1000 AS total_time_seconds,
    if(sessions_count = 0, 0, total_time_seconds / sessions_count) AS avg_session_duration_seconds,
    sum(u.purchases) AS purchases,
    sum(u.refunds) AS refunds,
    sum(u.revenue) AS revenue,
    sum(u.gross) AS gross_revenue
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.user_key AS user_key,
        d.events_viewed AS events_viewed,
        d.events_clicked AS events_clicked,
        d.events_interested AS events_interested,
        d.ticket_links_clicked AS ticket_links_clicked,
        d.reviews_written AS reviews_written,
        d.reviews_liked AS reviews_liked,
        d.reviews_commented AS reviews_commented,
        d.friends_added AS friends_added,
        d.messages_sent AS messages_sent,
        d.shares_sent AS shares_sent,
        d.searches_performed AS searches_performed,
        d.purchases AS purchases,
        d.refunds AS refunds,
        d.revenue AS revenue,
        d.gross AS gross,
        toUInt64(0) AS sessions,
        toInt64(0) AS milliseconds
    FROM turnout.user_day AS d
    UNION ALL
    SELECT
        s.site_id, s.date, materialize(s.owner).user_key, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1 AS sessions,
        toUnixTimestamp64Milli(s.last_ts) - toUnixTimestamp64Milli(s.first_ts) AS milliseconds
    FROM turnout.sessions AS s FINAL
) AS u
GROUP BY site_id, date, user_key
COMMENT 'Each person, each day with an interaction or a session.';
