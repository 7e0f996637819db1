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
    first_touch Tuple(source String, medium String, campaign String) COMMENT 'Campaign (utm) of the first visit that carried one, within the window before the purchase; empty without.',
    last_touch Tuple(source String, medium String, campaign String) COMMENT 'Campaign of the last such visit.',
    touches UInt64 COMMENT 'How many such visits.',
    last_ad String COMMENT 'The ad clicked last within the window; empty without.',
    last_offer String COMMENT 'The offer clicked last.',
    last_recommendation String COMMENT 'The recommendation clicked last.'
)
AS
SELECT
    p.site_id AS site_id,
    p.local_date AS date,
    p.id AS purchase_id,
    p.order_id AS order_id,
    p.user_key AS user_key,
    p.entity_type AS entity_type,
    p.entity_id AS entity_id,
    toDecimal128(ifNull(p.site_value, 0), 4) AS revenue,
    CAST(arrayFirst(c -> c.1 BETWEEN earliest AND p.ts, t.campaigns).2, 'Tuple(source String, medium String, campaign String)') AS first_touch,
    CAST(arrayLast(c -> c.1 BETWEEN earliest AND p.ts, t.campaigns).2, 'Tuple(source String, medium String, campaign String)') AS last_touch,
    arrayCount(c -> c.1 BETWEEN earliest AND p.ts, t.campaigns) AS touches,
    arrayLast(c -> c.2 = 'ad' AND c.1 BETWEEN earliest AND p.ts, t.clicked).3 AS last_ad,
    arrayLast(c -> c.2 = 'offer' AND c.1 BETWEEN earliest AND p.ts, t.clicked).3 AS last_offer,
    arrayLast(c -> c.2 = 'recommendation' AND c.1 BETWEEN earliest AND p.ts, t.clicked).3 AS last_recommendation
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
        arraySort(groupArrayIf((began, (source, medium, campaign)), entity = '')) AS campaigns,
        arraySort(groupArrayIf((began, toString(kind), entity), entity != '')) AS clicked
    FROM
    (
        -- Every interaction of a visit carries its campaign: the visit counts once, from its first one.
        SELECT site_id, user_key, session_key, min(ts) AS began, utm_source AS source, utm_medium AS medium, utm_campaign AS campaign, '' AS kind, '' AS entity
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND utm_source != ''
            AND local_date BETWEEN {from:Date} - {window:UInt16} - 1 AND {to:Date} + 1
        GROUP BY site_id, user_key, session_key, source, medium, campaign
        UNION ALL
        SELECT site_id, user_key, session_key, ts AS began, '' AS source, '' AS medium, '' AS campaign, toString(entity_type) AS kind, entity_id AS entity
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND type = 'click' AND entity_type IN ('ad', 'offer', 'recommendation') AND entity_id != ''
            AND local_date BETWEEN {from:Date} - {window:UInt16} - 1 AND {to:Date} + 1
    )
    GROUP BY site_id, user_key
) AS t
ON p.site_id = t.site_id AND p.user_key = t.user_key
COMMENT 'What each purchase is owed to, looking back window days: attribution(from = \'2026-10-01\', to = \'2026-10-31\', window = 30).';
