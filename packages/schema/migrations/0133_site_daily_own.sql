-- Who was there is asked of the days that people were active on, which leave out what others did to them: a festival that is
-- cancelled and paid back brings nobody to the site. These days are kept as long as the person, so nobody who has come for
-- years is new on the oldest day that is kept. What was done comes from the totals of the site, a handful of rows a day.
-- Who is active over days is counted by changes: a person enters the people of 7 days on the first of their days, and leaves
-- them on the seventh day after a day that no other followed. Added up over the days that is exact, and a fraction of the work
-- of merging 30 sets of people for each day.
CREATE OR REPLACE VIEW turnout.site_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    active_people UInt64 COMMENT 'People with an interaction of their own that day: a refund, a place offered on a waiting list and one that expired are done to somebody who may not have come.',
    active_people_7 UInt64 COMMENT 'People with such an interaction in the 7 days up to this one.',
    active_people_30 UInt64 COMMENT 'People with such an interaction in the 30 days up to this one.',
    new_people UInt64 COMMENT 'People whose first day it is.',
    returning_people UInt64 COMMENT 'People who had come on an earlier day.',
    return_rate Float64 COMMENT 'returning_people / active_people; 0 without active people.',
    sessions UInt64 COMMENT 'Sessions begun.',
    avg_session_seconds Float64 COMMENT 'Their length on average, last less first interaction; 0 without sessions.',
    pages_per_session Float64 COMMENT 'Pages and details opened in them / sessions; 0 without.',
    interactions UInt64 COMMENT 'Interactions of any type.',
    searches UInt64 COMMENT 'Searches performed.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    orders UInt64 COMMENT 'Orders: purchases that share an order_id are one. In the currency of the site.',
    purchases UInt64 COMMENT 'Purchases, refunded ones included.',
    refunds UInt64 COMMENT 'Refunds.',
    revenue Decimal(38, 4) COMMENT 'gross_revenue less refunds. Other currencies than that of the site are left out.',
    gross_revenue Decimal(38, 4) COMMENT 'Money from purchases in the currency of the site.',
    revenue_per_user Float64 COMMENT 'revenue / active_people; 0 without active people.',
    average_order Float64 COMMENT 'gross_revenue / orders; 0 without orders.',
    people_so_far UInt64 COMMENT 'People who came on this day or before. Who then stays away for 24 months is forgotten, also on earlier days.',
    revenue_so_far Decimal(38, 4) COMMENT 'revenue of all days up to this one, as far as they are kept (24 months).',
    lifetime_value Float64 COMMENT 'revenue_so_far / people_so_far: what a person has brought on average; 0 without people.'
)
AS
SELECT
    people.site_id AS site_id,
    people.date AS date,
    active_people,
    active_people_7,
    active_people_30,
    new_people,
    active_people - new_people AS returning_people,
    if(active_people = 0, 0, returning_people / active_people) AS return_rate,
    visits.sessions AS sessions,
    if(sessions = 0, 0, visits.seconds / sessions) AS avg_session_seconds,
    if(sessions = 0, 0, visits.pages / sessions) AS pages_per_session,
    interactions,
    searches,
    ticket_clicks,
    sales.orders AS orders,
    purchases,
    refunds,
    day_revenue AS revenue,
    gross_revenue,
    if(active_people = 0, 0, toFloat64(day_revenue) / active_people) AS revenue_per_user,
    if(orders = 0, 0, toFloat64(gross_revenue) / orders) AS average_order,
    people_so_far,
    revenue_so_far,
    if(people_so_far = 0, 0, toFloat64(revenue_so_far) / people_so_far) AS lifetime_value
FROM
(
    SELECT
        site_id,
        date,
        sum(active) AS active_people,
        sum(come) AS new_people,
        sum(new_people) OVER so_far AS people_so_far,
        sum(sum(in_7)) OVER so_far AS active_people_7,
        sum(sum(in_30)) OVER so_far AS active_people_30,
        sum(n_interactions) AS interactions,
        sum(n_searches) AS searches,
        sum(n_ticket_clicks) AS ticket_clicks,
        sum(n_purchases) AS purchases,
        sum(n_refunds) AS refunds,
        sum(net) AS day_revenue,
        sum(before_refunds) AS gross_revenue,
        sum(day_revenue) OVER so_far AS revenue_so_far
    FROM
    (
        SELECT
            d.site_id AS site_id,
            d.date AS date,
            toInt64(0) AS active,
            toInt64(0) AS come,
            toInt64(0) AS in_7,
            toInt64(0) AS in_30,
            sum(d.interactions) AS n_interactions,
            sum(d.searches) AS n_searches,
            sum(d.ticket_clicks) AS n_ticket_clicks,
            sum(d.purchases) AS n_purchases,
            sum(d.refunds) AS n_refunds,
            sum(d.revenue) AS net,
            sum(d.gross) AS before_refunds
        FROM turnout.site_day AS d
        GROUP BY site_id, date
        UNION ALL
        SELECT site_id, change.1 AS date, toInt64(sum(change.2)), toInt64(sum(change.3)), sum(change.4), sum(change.5), 0, 0, 0, 0, 0, 0, 0
        FROM
        (
            SELECT
                s.site_id AS site_id,
                arrayMap(day -> toDate(day), arraySort(bitmapToArray(groupBitmapMergeState(s.active_days)))) AS days,
                arrayPushFront(arrayPopBack(days), toDate(0)) AS earlier,
                arrayPushBack(arrayPopFront(days), toDate('2149-06-06')) AS later
            FROM turnout.user_state AS s
            GROUP BY site_id, s.user_key
            HAVING notEmpty(days)
        )
        ARRAY JOIN arrayConcat(
            arrayMap(day -> (day, 1, 0, 0, 0), days),
            [(days[1], 0, 1, 0, 0)],
            arrayMap(day -> (day, 0, 0, 1, 0), arrayFilter((day, before) -> day > before + 7, days, earlier)),
            arrayMap(day -> (day + 7, 0, 0, -1, 0), arrayFilter((day, next) -> next > day + 7, days, later)),
            arrayMap(day -> (day, 0, 0, 0, 1), arrayFilter((day, before) -> day > before + 30, days, earlier)),
            arrayMap(day -> (day + 30, 0, 0, 0, -1), arrayFilter((day, next) -> next > day + 30, days, later))
        ) AS change
        GROUP BY site_id, date
    )
    GROUP BY site_id, date
    WINDOW so_far AS (PARTITION BY site_id ORDER BY date)
) AS people
LEFT JOIN
(
    SELECT
        s.site_id AS site_id,
        s.date AS date,
        count() AS sessions,
        sum(toUnixTimestamp64Milli(s.last_ts) - toUnixTimestamp64Milli(s.first_ts)) / 1000 AS seconds,
        sum(s.pages) AS pages
    FROM turnout.sessions AS s FINAL
    GROUP BY site_id, date
) AS visits
ON people.site_id = visits.site_id AND people.date = visits.date
LEFT JOIN
(
    SELECT site_id, local_date AS date, uniqExact(if(order_id = '', toString(id), order_id)) AS orders
    FROM turnout.interactions
    WHERE is_bot = 0 AND env = 'production' AND type = 'purchase' AND isNotNull(site_value)
    GROUP BY site_id, date
) AS sales
ON people.site_id = sales.site_id AND people.date = sales.date
-- The other rows only say who came, or is not active any more. A day of refunds alone has no active people and is told: its
-- revenue is missing otherwise.
WHERE interactions > 0
COMMENT 'Each site, each day on which anything was recorded: the figures to watch.';
