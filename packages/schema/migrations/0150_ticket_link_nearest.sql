-- Clicks and orders are read in the order of time, and the last click so far is carried along to each order. A list of all clicks of
-- its person beside each order was more than the memory of a machine where a till, a kiosk or an account that all guests share
-- has thousands of both. A window and not ASOF JOIN: a question about one site then reads that site alone.
-- No day lies before 1970 or beyond 2149: see attribution.
-- A page that gives all its links one click_id: the order of an event belongs to the click on that event, and not to the
-- last click that carried the id.
-- Parameters, because a purchase belongs to the day of its click, up to window days before: each day is read with its
-- neighbours. Raw and not a rollup: the two rows come from different senders, in any order and days apart.
CREATE OR REPLACE VIEW turnout.ticket_link_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day of the click in the time zone of the site; of the purchase where no click is known.',
    event_id String COMMENT 'The event that the link was about; that was bought where no click is known. Empty for another kind of thing.',
    ticket_provider String COMMENT 'Who sells, as the click said; as the purchase said where no click is known.',
    ticket_clicks UInt64 COMMENT 'Clicks on ticket links.',
    tagged_clicks UInt64 COMMENT 'Those whose link carried a click_id to the shop: only they can be matched for certain.',
    matched_orders UInt64 COMMENT 'Orders that these clicks led to, each thing in an order by itself: by click_id (the last click that carried it on the thing that was bought, else the last that carried it), else by the last click of the same person on the same thing; within window days before the purchase.',
    matched_by_click_id UInt64 COMMENT 'Those of them that brought the click_id back: certain.',
    matched_by_person UInt64 COMMENT 'Those of them that have the person and the thing in common: likely.',
    matched_from_server UInt64 COMMENT 'Those of them that a back end reported, not the page.',
    matched_tickets UInt64 COMMENT 'Pieces in the matched orders, refunded ones included.',
    matched_gross Decimal(38, 4) COMMENT 'Money of the matched orders in the currency of the site.',
    matched_revenue Decimal(38, 4) COMMENT 'matched_gross less refunds of the same orders, up to window days after the last day that is asked for.',
    unmatched_orders UInt64 COMMENT 'Orders without a click: bought without our link, or the shop did not hand the click_id on.',
    unmatched_revenue Decimal(38, 4) COMMENT 'Their money less refunds.',
    ticket_conversion Float64 COMMENT 'matched_orders / ticket_clicks; 0 without clicks.'
)
AS
WITH
    clicks AS
    (
        SELECT
            site_id, local_date, ts, user_key, toString(entity_type) AS kind, entity_id, toString(ticket_provider) AS provider, click_id,
            -- A link without a click_id of its own may carry the id of the interaction.
            if(click_id = '', toString(id), click_id) AS reference
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND type = 'ticket_click'
            AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - {window:UInt16} - 1)) AND toDate(least(65535, toInt32({to:Date}) + {window:UInt16} + 2))
    ),
    orders AS
    (
        SELECT
            site_id,
            kind,
            entity_id,
            minIf((ts, user_key), type = 'purchase') AS bought,
            minIf(local_date, type = 'purchase') AS bought_on,
            max(click_id) AS reference,
            max(provider) AS seller,
            max(type = 'purchase' AND NOT startsWith(sdk, 'js/')) AS from_server,
            sumIf(toUInt64(ifNull(quantity, 1)), type = 'purchase') AS pieces,
            sumIf(toDecimal128(ifNull(site_value, 0), 4), type = 'purchase') AS gross,
            gross - sumIf(abs(toDecimal128(ifNull(site_value, 0), 4)), type = 'refund') AS net
        FROM
        (
            SELECT
                site_id, toString(entity_type) AS kind, entity_id, if(order_id = '', toString(id), order_id) AS ordered, toString(ticket_provider) AS provider,
                type, ts, user_key, local_date, click_id, sdk, quantity, site_value
            FROM turnout.interactions
            WHERE is_bot = 0 AND env = 'production' AND type IN ('purchase', 'refund')
                AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - 1)) AND toDate(least(65535, toInt32({to:Date}) + {window:UInt16} + 1))
        )
        GROUP BY site_id, kind, entity_id, ordered
        HAVING countIf(type = 'purchase') > 0
    )
SELECT
    site_id,
    day AS date,
    if(thing.1 = 'event', thing.2, '') AS event_id,
    thing.3 AS ticket_provider,
    sum(n_clicks) AS ticket_clicks,
    sum(n_tagged) AS tagged_clicks,
    matched_by_click_id + matched_by_person AS matched_orders,
    countIf(how = 'click_id') AS matched_by_click_id,
    countIf(how = 'person') AS matched_by_person,
    countIf(how IN ('click_id', 'person') AND from_server) AS matched_from_server,
    sumIf(pieces, how IN ('click_id', 'person')) AS matched_tickets,
    sumIf(gross, how IN ('click_id', 'person')) AS matched_gross,
    sumIf(net, how IN ('click_id', 'person')) AS matched_revenue,
    countIf(how = 'none') AS unmatched_orders,
    sumIf(net, how = 'none') AS unmatched_revenue,
    if(ticket_clicks = 0, 0, matched_orders / ticket_clicks) AS ticket_conversion
FROM
(
    SELECT
        site_id, local_date AS day, (kind, entity_id, provider) AS thing, toUInt64(1) AS n_clicks, toUInt64(click_id != '') AS n_tagged,
        'click' AS how, 0 AS from_server, toUInt64(0) AS pieces, toDecimal128(0, 4) AS gross, toDecimal128(0, 4) AS net
    FROM clicks
    UNION ALL
    SELECT
        site_id, if(how = 'none', bought_on, led.1) AS day, if(how = 'none', (kind, entity_id, seller), (led.2, led.3, led.4)) AS thing, 0, 0,
        how, from_server, pieces, gross, net
    FROM
    (
        SELECT
            site_id, kind, entity_id, seller, bought_on, from_server, pieces, gross, net,
            multiIf(tagged.1 = 1 AND tagged.2 >= earliest, 'click_id', followed.1 = 1 AND followed.2 >= earliest, 'person', 'none') AS how,
            multiIf(how = 'person', followed.3, tagged_of_thing.1 = 1 AND tagged_of_thing.2 >= earliest, tagged_of_thing.3, tagged.3) AS led
        FROM
        (
            SELECT
                *,
                -- Of clicks at one moment the greatest counts, in any order of arrival.
                max(click) OVER (PARTITION BY site_id, reference ORDER BY latest, is_order ROWS UNBOUNDED PRECEDING) AS tagged,
                max(click) OVER (PARTITION BY site_id, reference, kind, entity_id ORDER BY latest, is_order ROWS UNBOUNDED PRECEDING) AS tagged_of_thing,
                max(click) OVER (PARTITION BY site_id, user_key, kind, entity_id ORDER BY ts, is_order ROWS UNBOUNDED PRECEDING) AS followed
            FROM
            (
                SELECT
                    site_id, kind, entity_id, reference, user_key, ts, ts AS latest, ts AS earliest, 0 AS is_order,
                    (1, ts, (local_date, kind, entity_id, provider)) AS click,
                    '' AS seller, toDate(0) AS bought_on, 0 AS from_server, toUInt64(0) AS pieces, toDecimal128(0, 4) AS gross, toDecimal128(0, 4) AS net
                FROM clicks
                UNION ALL
                SELECT
                    site_id, kind, entity_id, reference, bought.2 AS user_key, bought.1 AS ts,
                    -- The clocks of a browser and of a shop differ: a purchase may seem to lie five minutes before its click.
                    ts + toIntervalMinute(5) AS latest, ts - toIntervalDay({window:UInt16}) AS earliest, 1 AS is_order,
                    (0, ts, (toDate(0), '', '', '')) AS click,
                    seller, bought_on, from_server, pieces, gross, net
                FROM orders
            )
        )
        WHERE is_order = 1
    )
)
WHERE day BETWEEN {from:Date} AND {to:Date}
GROUP BY site_id, date, event_id, ticket_provider
COMMENT 'Ticket links and the purchases they led to, each day: ticket_link_daily(from = \'2026-10-01\', to = \'2026-10-31\', window = 7).';
