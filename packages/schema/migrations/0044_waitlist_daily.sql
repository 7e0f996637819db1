CREATE OR REPLACE VIEW turnout.waitlist_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing that is waited for: event, session or offer.',
    entity_id String COMMENT 'What is waited for.',
    joins UInt64 COMMENT 'Times someone joined.',
    offers UInt64 COMMENT 'Places offered.',
    accepted UInt64 COMMENT 'Offers accepted.',
    declined UInt64 COMMENT 'Offers declined.',
    expired UInt64 COMMENT 'Offers that ran out.',
    leaves UInt64 COMMENT 'Times someone left without a place.',
    people UInt64 COMMENT 'People who joined, got a place, answered or left.',
    acceptance_rate Float64 COMMENT 'accepted / offers; 0 without offers.',
    waits_ended UInt64 COMMENT 'People whose first offer (or acceptance) came that day, after they had joined.',
    average_wait_minutes Nullable(Float64) COMMENT 'How long they had waited since they joined, on average; null without any.',
    entity_name String COMMENT 'Name in the catalogue; empty when unknown.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.entity_type AS entity_type,
    measures.entity_id AS entity_id,
    joins,
    offers,
    accepted,
    declined,
    expired,
    leaves,
    people,
    if(offers = 0, 0, accepted / offers) AS acceptance_rate,
    waits_ended,
    if(waits_ended = 0, NULL, wait_ms / waits_ended / 60000) AS average_wait_minutes,
    known.name AS entity_name
FROM
(
    SELECT
        site_id,
        day AS date,
        entity_type,
        entity_id,
        sum(p.counts.1) AS joins,
        sum(p.counts.2) AS offers,
        sum(p.counts.3) AS accepted,
        sum(p.counts.4) AS declined,
        sum(p.counts.5) AS expired,
        sum(p.counts.6) AS leaves,
        uniqIf(p.user_key, p.is_day = 1) AS people,
        sum(p.waits) AS waits_ended,
        sum(p.wait_ms) AS wait_ms
    FROM
    (
        SELECT
            w.site_id AS site_id, w.date AS day, w.entity_type AS entity_type, w.entity_id AS entity_id, w.user_key AS user_key,
            1 AS is_day, (w.joins, w.offers, w.accepted, w.declined, w.expired, w.leaves) AS counts,
            toUInt64(0) AS waits, toInt64(0) AS wait_ms
        FROM turnout.waitlist_day AS w
        UNION ALL
        SELECT
            site_id, place_day AS day, entity_type, entity_id, user_key,
            0 AS is_day, (toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(0)) AS counts,
            toUInt64(1) AS waits, toUnixTimestamp64Milli(place) - toUnixTimestamp64Milli(joined) AS wait_ms
        FROM
        (
            SELECT
                w.site_id AS site_id, w.entity_type AS entity_type, w.entity_id AS entity_id, w.user_key AS user_key,
                assumeNotNull(min(w.first_join)) AS joined,
                assumeNotNull(min(w.first_place)) AS place,
                -- Of several rows of that moment the smallest day, as the owner of a session is the smallest.
                min(if(isNull(w.first_place), (toDateTime64('2299-12-31', 3, 'UTC'), w.date), (assumeNotNull(w.first_place), w.date))).2 AS place_day,
                count(w.first_join) > 0 AND count(w.first_place) > 0 AS is_served
            FROM turnout.waitlist_day AS w
            GROUP BY site_id, entity_type, entity_id, user_key
            HAVING is_served AND place >= joined
        )
    ) AS p
    GROUP BY site_id, date, entity_type, entity_id
) AS measures
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0) AS known
ON measures.site_id = known.site_id AND measures.entity_type = known.entity_type AND measures.entity_id = known.entity_id
COMMENT 'Each waiting list, each day on which anything happened on it.';
