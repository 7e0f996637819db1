-- A session over midnight was one of each day, and on the second it seemed to begin with what came after midnight: days did
-- not add up to their sum.
CREATE OR REPLACE VIEW turnout.paths
(
    site_id LowCardinality(String) COMMENT 'The site.',
    position UInt8 COMMENT 'Place of the step in its session, from 1; the first ten are told.',
    step String COMMENT 'A page by its path, or what was done: view of an event, search, ticket_click, purchase.',
    next_step String COMMENT 'What came next; empty when the session ended.',
    sessions UInt64 COMMENT 'Sessions that went this way.',
    rate Float64 COMMENT 'sessions / all sessions that were at this step at this position.'
)
AS
SELECT
    site_id,
    position,
    step,
    next_step,
    count() AS sessions,
    sessions / sum(count()) OVER (PARTITION BY site_id, position, step) AS rate
FROM
(
    SELECT
        site_id,
        session_key,
        arrayMap(s -> s.3, arraySort(groupArray((ts, id, doing)))) AS all_steps,
        -- A reload is no step of its own.
        arrayCompact(all_steps) AS steps
    FROM
    (
        SELECT
            site_id, session_key, ts, id, local_date AS day,
            multiIf(type = 'page_view', if(page_path = '', 'page', page_path), type = 'view', concat('view of ', if(entity_type = '', 'something', toString(entity_type))), toString(type)) AS doing
        FROM turnout.interactions
        WHERE is_bot = 0 AND env = 'production' AND session_key != sipHash64('')
            AND type IN ('page_view', 'view', 'search', 'ticket_click', 'purchase') AND (type != 'view' OR part = 0)
            -- A day more on both sides: who came before midnight has not begun, and who goes on after it has not ended.
            AND local_date BETWEEN toDate(greatest(0, toInt32({from:Date}) - 1)) AND toDate(least(65535, toInt32({to:Date}) + 1))
    )
    GROUP BY site_id, session_key
    HAVING min(day) BETWEEN {from:Date} AND {to:Date}
)
ARRAY JOIN
    arraySlice(steps, 1, 10) AS step,
    arraySlice(arrayPushBack(arraySlice(steps, 2), ''), 1, least(10, length(steps))) AS next_step,
    arrayMap(p -> toUInt8(p), range(1, least(10, length(steps)) + 1)) AS position
GROUP BY site_id, position, step, next_step
COMMENT 'Where sessions go that begin on a day from from to to, step by step: paths(from = \'2026-10-01\', to = \'2026-10-31\').';
