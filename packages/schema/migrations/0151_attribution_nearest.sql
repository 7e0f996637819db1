-- Clicks, visits and purchases are read in the order of time, and what a purchase is owed to is carried along to it: see
-- ticket_link_daily. A visit enters the window when it begins and leaves it window days later, so touches are counted by changes,
-- as site_daily counts people.
-- Days end in 1970 and in 2149: a bound that is computed beyond them would begin anew at the other end and leave every row out.
-- A visit is read a day at a time. Days are read whole, so what a purchase is owed to does not depend on the days that are
-- asked for, however long a visit lasts.
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
WITH
    -- Every interaction of a visit may carry its campaign: the visit counts once, from its first one. What a back end reports or a
    -- file imports belongs to no visit, and each of it is one.
    visits AS
    (
        SELECT
            site_id, user_key, if(session_key = sipHash64(''), sipHash64(id), session_key) AS visit,
            (utm_source, utm_medium, utm_campaign) AS campaign, toUnixTimestamp64Milli(min(ts)) AS began
        FROM turnout.interactions
        -- Two days more: an hour where the clocks change, a day where the site has moved to another time zone.
        WHERE is_bot = 0 AND env = 'production' AND utm_source != ''
            AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - {window:UInt16} - 2)) AND toDate(least(65535, toInt32({to:Date}) + 1))
        GROUP BY site_id, user_key, visit, local_date, campaign
    ),
    touches_in_order AS
    (
        SELECT
            site_id, user_key, (began, visit, campaign) AS touch,
            leadInFrame(campaign) OVER (PARTITION BY site_id, user_key ORDER BY began, visit, campaign ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_campaign,
            began + {window:UInt16} * 86400000 + 1 AS leaves,
            -- On a further day a visit is none of its own, until its day before has left the window.
            greatest(began, lagInFrame(leaves, 1, toInt64(0)) OVER (PARTITION BY site_id, user_key, visit, campaign ORDER BY began ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS enters
        FROM visits
    ),
    moments AS
    (
        SELECT
            site_id, user_key, change.1 AS moment, change.2 AS what, touch, next_campaign, '' AS kind, '' AS thing,
            toDate(0) AS date, toUUID('00000000-0000-0000-0000-000000000000') AS id, '' AS order_id, toDecimal128(0, 4) AS paid
        FROM touches_in_order
        ARRAY JOIN [(enters, 'enters'), (leaves, 'leaves')] AS change
        UNION ALL
        SELECT
            site_id, user_key, toUnixTimestamp64Milli(ts) AS moment, toString(type) AS what, (toInt64(0), toUInt64(0), ('', '', '')) AS touch,
            ('', '', '') AS next_campaign, toString(entity_type) AS kind, entity_id AS thing,
            local_date AS date, id, order_id, toDecimal128(ifNull(site_value, 0), 4) AS paid
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND (
            (type = 'purchase' AND local_date BETWEEN {from:Date} AND {to:Date})
            OR (type = 'click' AND entity_type IN ('ad', 'offer', 'recommendation') AND entity_id != ''))
            AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - {window:UInt16} - 2)) AND toDate(least(65535, toInt32({to:Date}) + 1))
    )
SELECT
    site_id,
    date,
    id AS purchase_id,
    order_id,
    user_key,
    kind AS entity_type,
    thing AS entity_id,
    paid AS revenue,
    CAST(multiIf(alive = 0, ('', '', ''), last_left.2 = 0, first_entered.3, last_left.3), 'Tuple(source String, medium String, campaign String)') AS first_touch,
    CAST(if(alive = 0, ('', '', ''), last_entered.3), 'Tuple(source String, medium String, campaign String)') AS last_touch,
    toUInt64(alive) AS touches,
    if(ad.1 >= earliest, ad.2, '') AS last_ad,
    if(offer.1 >= earliest, offer.2, '') AS last_offer,
    if(recommendation.1 >= earliest, recommendation.2, '') AS last_recommendation
FROM
(
    SELECT
        *,
        moment - {window:UInt16} * 86400000 AS earliest,
        sum((what = 'enters') - (what = 'leaves')) OVER so_far AS alive,
        minIf(touch, what = 'enters') OVER so_far AS first_entered,
        maxIf(touch, what = 'enters') OVER so_far AS last_entered,
        -- What comes after the last that left is the first that stays.
        maxIf((touch, 1, next_campaign), what = 'leaves') OVER so_far AS last_left,
        maxIf((moment, thing), what = 'click' AND kind = 'ad') OVER so_far AS ad,
        maxIf((moment, thing), what = 'click' AND kind = 'offer') OVER so_far AS offer,
        maxIf((moment, thing), what = 'click' AND kind = 'recommendation') OVER so_far AS recommendation
    FROM moments
    -- What is of the same moment came before the purchase.
    WINDOW so_far AS (PARTITION BY site_id, user_key ORDER BY moment, what = 'purchase' ROWS UNBOUNDED PRECEDING)
)
WHERE what = 'purchase'
COMMENT 'What each purchase is owed to, looking back window days: attribution(from = \'2026-10-01\', to = \'2026-10-31\', window = 30).';
