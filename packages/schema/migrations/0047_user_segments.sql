CREATE OR REPLACE VIEW turnout.user_segments
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    spending_tier LowCardinality(String) COMMENT 'Tier that most of the recent transactions are in: budget below 50, moderate below 150, premium below 500, luxury; a transaction counts half for every 90 days since. Empty without purchases.',
    transactions Array(Tuple(tier String, purchases UInt64)) COMMENT 'How many transactions in each tier, over all time.',
    genres Array(Tuple(value String, affinity Float64)) COMMENT 'The five genres liked most; affinity is the share of the points of all genres, each point halved for every 90 days since. See user_preferences.',
    price_bands Array(Tuple(value String, affinity Float64)) COMMENT 'The same of price bands looked at and bought.',
    venues Array(Tuple(value String, affinity Float64)) COMMENT 'The same of venues.',
    artists Array(Tuple(value String, affinity Float64)) COMMENT 'The same of artists.',
    week LowCardinality(String) COMMENT 'weekend (Friday to Sunday) or weekday when at least 60 % of the interest is in events on such days, else mixed; empty when unknown.',
    planning LowCardinality(String) COMMENT 'last_minute (up to 7 days before), ahead (up to 30) or planner: when most recent purchases are made. Empty without purchases that say the day of the event.',
    party LowCardinality(String) COMMENT 'solo or group (two pieces or more): how most recent purchases are made. Empty without purchases.',
    last_seen DateTime64(3, 'UTC') COMMENT 'Last interaction that says any of this.'
)
AS
WITH
    (kind_wanted, tastes) -> arrayReverseSort(t -> (t.3, t.2), arrayFilter(t -> t.1 = kind_wanted AND t.3 > 0, tastes)) AS of_kind,
    liked -> arrayMap(t -> (t.2, t.3 / arraySum(l -> l.3, liked)), arraySlice(liked, 1, 5)) AS best
SELECT
    site_id,
    user_key,
    of_kind('spending', all_tastes)[1].2 AS spending_tier,
    arrayMap(t -> (t.2, t.4), arraySort(t -> indexOf(['budget', 'moderate', 'premium', 'luxury'], t.2), arrayFilter(t -> t.1 = 'spending', all_tastes))) AS transactions,
    best(of_kind('genre', all_tastes)) AS genres,
    best(of_kind('price', all_tastes)) AS price_bands,
    best(of_kind('venue', all_tastes)) AS venues,
    best(of_kind('artist', all_tastes)) AS artists,
    multiIf(empty(of_kind('week', all_tastes)), '', best(of_kind('week', all_tastes))[1].2 >= 0.6, of_kind('week', all_tastes)[1].2, 'mixed') AS week,
    of_kind('lead', all_tastes)[1].2 AS planning,
    of_kind('party', all_tastes)[1].2 AS party,
    last_seen
FROM
(
    SELECT
        site_id,
        user_key,
        groupArray((toString(kind), value, points, bought)) AS all_tastes,
        max(seen) AS last_seen
    FROM
    (
        SELECT
            p.site_id AS site_id,
            p.user_key AS user_key,
            p.kind AS kind,
            p.value AS value,
            greatest(0, sum(p.points_90) - sum(p.points_undone_90)) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1767225600000) / 86400000 / 90) AS points,
            sum(p.purchases) AS bought,
            max(p.last_seen) AS seen
        FROM turnout.user_preferences AS p
        GROUP BY site_id, user_key, kind, value
    )
    GROUP BY site_id, user_key
)
COMMENT 'What kind of fan each person is, as of now.';
