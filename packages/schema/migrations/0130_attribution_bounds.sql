-- Days end in 1970 and in 2149: a bound that is computed beyond them would begin anew at the other end and leave every row out,
-- so that with from = '1970-01-01' no purchase was owed to anything.
-- A visit is read a day at a time and put together again for each purchase. Days are read whole, so what a purchase is
-- owed to does not depend on the days that are asked for, however long a visit lasts.
CREATE OR REPLACE VIEW turnout.attribution
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day of the purchase.',
    purchase_id UUID COMMENT 'The interaction.',
    order_id String COMMENT 'The order; empty when it says none.',
    user_key UInt64 COMMENT 'The person.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that was bought.',
    entity_id String COMMENT 'What was bought.',
    revenue Decimal(38, 4) COMMENT 'Its value in the currency of the site; 0 in another. Refunds are not taken off.',
    first_touch Tuple(source String, medium String, campaign String) COMMENT 'Campaign (utm) of the first visit that carried one, within the window before the purchase; empty without. An interaction without a session is a visit of its own.',
    last_touch Tuple(source String, medium String, campaign String) COMMENT 'Campaign of the last such visit.',
    touches UInt64 COMMENT 'How many such visits; one that carried two campaigns counts for each.',
    last_ad String COMMENT 'The ad clicked last within the window; empty without.',
    last_offer String COMMENT 'The offer clicked last.',
    last_recommendation String COMMENT 'The recommendation clicked last.'
)
AS
SELECT
    site_id,
    date,
    purchase_id,
    order_id,
    user_key,
    entity_type,
    entity_id,
    revenue,
    CAST(visits[1].2, 'Tuple(source String, medium String, campaign String)') AS first_touch,
    CAST(visits[-1].2, 'Tuple(source String, medium String, campaign String)') AS last_touch,
    length(visits) AS touches,
    last_ad,
    last_offer,
    last_recommendation
FROM
(
    SELECT
        p.site_id AS site_id,
        p.local_date AS date,
        p.id AS purchase_id,
        p.order_id AS order_id,
        p.user_key AS user_key,
        p.entity_type AS entity_type,
        p.entity_id AS entity_id,
        toDecimal128(ifNull(p.site_value, 0), 4) AS revenue,
        -- What is distinct stays in its order: a visit stands where its first day within the window does.
        arrayDistinct(arrayMap(c -> (c.2, c.3), arrayFilter(c -> c.1 BETWEEN p.earliest AND p.ts, t.campaigns))) AS visits,
        arrayLast(c -> c.2 = 'ad' AND c.1 BETWEEN p.earliest AND p.ts, t.clicked).3 AS last_ad,
        arrayLast(c -> c.2 = 'offer' AND c.1 BETWEEN p.earliest AND p.ts, t.clicked).3 AS last_offer,
        arrayLast(c -> c.2 = 'recommendation' AND c.1 BETWEEN p.earliest AND p.ts, t.clicked).3 AS last_recommendation
    FROM
    (
        SELECT
            site_id, local_date, id, order_id, user_key, entity_type, entity_id, site_value, ts,
            ts - toIntervalDay({window:UInt16}) AS earliest
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND type = 'purchase' AND local_date BETWEEN {from:Date} AND {to:Date}
    ) AS p
    LEFT JOIN
    (
        SELECT
            site_id,
            user_key,
            arraySort(groupArrayIf((began, visit, (source, medium, campaign)), entity = '')) AS campaigns,
            arraySort(groupArrayIf((began, toString(kind), entity), entity != '')) AS clicked
        FROM
        (
            -- Every interaction of a visit may carry its campaign: the visit counts once, from its first one. What a back
            -- end reports or a file imports belongs to no visit, and each of it is one.
            SELECT
                site_id, user_key, if(session_key = sipHash64(''), sipHash64(id), session_key) AS visit, min(ts) AS began,
                utm_source AS source, utm_medium AS medium, utm_campaign AS campaign, '' AS kind, '' AS entity
            FROM turnout.interactions
            -- Two days more: an hour where the clocks change, a day where the site has moved to another time zone.
            WHERE is_bot = 0 AND env = 'production' AND utm_source != ''
                AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - {window:UInt16} - 2)) AND toDate(least(65535, toInt32({to:Date}) + 1))
            GROUP BY site_id, user_key, visit, local_date, source, medium, campaign
            UNION ALL
            SELECT site_id, user_key, toUInt64(0) AS visit, ts AS began, '' AS source, '' AS medium, '' AS campaign, toString(entity_type) AS kind, entity_id AS entity
            FROM turnout.interactions
            WHERE is_bot = 0 AND env = 'production' AND type = 'click' AND entity_type IN ('ad', 'offer', 'recommendation') AND entity_id != ''
                AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - {window:UInt16} - 2)) AND toDate(least(65535, toInt32({to:Date}) + 1))
        )
        GROUP BY site_id, user_key
    ) AS t
    ON p.site_id = t.site_id AND p.user_key = t.user_key
)
COMMENT 'What each purchase is owed to, looking back window days: attribution(from = \'2026-10-01\', to = \'2026-10-31\', window = 30).';
