-- A thing is its kind and its id: sites number each kind from 1, so that artist 42 and event 42 are two things.
CREATE OR REPLACE VIEW turnout.funnel
(
    site_id LowCardinality(String) COMMENT 'The site.',
    entity_type LowCardinality(String) COMMENT 'Kind of the thing that all steps are about; empty on the rows of the whole site.',
    entity_id String COMMENT 'The thing of that kind that all steps are about; empty on the rows of the whole site, where steps may be about different things.',
    step UInt8 COMMENT 'Place of the step, from 1.',
    type String COMMENT 'What people did.',
    people UInt64 COMMENT 'People who did this after all steps before it, within the window since the first.',
    rate_of_first Float64 COMMENT 'people / people of step 1.',
    rate_of_previous Float64 COMMENT 'people / people of the step before; 1 for step 1.',
    drop_off Float64 COMMENT '1 - rate_of_previous.',
    median_seconds Nullable(Float64) COMMENT 'Time since the step before, median; null for step 1 and where nobody got so far.'
)
AS
WITH
    arrayMap(s -> if(s = 'view_details', 'view', s), {steps:Array(String)}) AS wanted
SELECT
    site_id,
    about.1 AS entity_type,
    about.2 AS entity_id,
    step,
    wanted[step] AS type,
    reached AS people,
    if(first_value(reached) OVER funnel_so_far = 0, 0, reached / first_value(reached) OVER funnel_so_far) AS rate_of_first,
    if(step = 1, 1, if(lagInFrame(reached) OVER funnel_so_far = 0, 0, reached / lagInFrame(reached) OVER funnel_so_far)) AS rate_of_previous,
    1 - rate_of_previous AS drop_off,
    if(step = 1 OR reached = 0, NULL, median_ms / 1000) AS median_seconds
FROM
(
    SELECT
        site_id,
        about,
        toUInt8(step) AS step,
        countIf(length(chain) >= step) AS reached,
        -- Of two people the median lies between them, as everybody else counts it.
        quantileExactInclusiveIf(0.5)(chain[step] - chain[step - 1], step > 1 AND length(chain) >= step) AS median_ms
    FROM
    (
        SELECT
            site_id,
            about,
            user_key,
            -- chains[k] holds the times of the first k steps, of the latest start from which k were reached.
            arrayFold(
                (chains, moment) -> multiIf(
                    moment.2 = 1 AND moment.3,
                        arrayMap((c, k) -> if(k = 1, [moment.1], c), chains, arrayEnumerate(chains)),
                    moment.2 > 1 AND notEmpty(chains[moment.2 - 1]) AND moment.1 - chains[moment.2 - 1][1] <= {window:UInt32} * 1000
                        AND chains[moment.2][1] != chains[moment.2 - 1][1],
                        arrayMap((c, k) -> if(k = moment.2, arrayPushBack(chains[moment.2 - 1], moment.1), c), chains, arrayEnumerate(chains)),
                    chains
                ),
                arraySort(groupArray((toUnixTimestamp64Milli(ts), toInt64(indexOf(wanted, toString(type))), local_date BETWEEN {from:Date} AND {to:Date}))),
                arrayMap(s -> emptyArrayInt64(), wanted)
            ) AS chains,
            arrayFirst(c -> notEmpty(c), arrayReverse(chains)) AS chain
        FROM
        (
            SELECT site_id, user_key, type, ts, local_date, thing AS about
            FROM
            (
                SELECT
                    site_id, user_key, type, ts, local_date,
                    if(entity_id = '', [('', '')], [('', ''), (toString(entity_type), entity_id)]) AS things
                FROM turnout.interactions
                WHERE is_bot = 0 AND env = 'production' AND undo = 0
                    AND has(wanted, toString(type)) AND (type != 'view' OR part = 0)
                    -- The window may end some days after the last day on which people start, and no day lies beyond 2149: added to
                    -- by itself it would begin anew in 1970, and nobody would be found.
                    AND local_date BETWEEN {from:Date} AND toDate(least(65535, toInt32({to:Date}) + toInt64(ceil({window:UInt32} / 86400)) + 1))
            )
            ARRAY JOIN things AS thing
        )
        GROUP BY site_id, about, user_key
        HAVING notEmpty(chain)
    )
    ARRAY JOIN arrayEnumerate(wanted) AS step
    GROUP BY site_id, about, step
)
WINDOW funnel_so_far AS (PARTITION BY site_id, about ORDER BY step ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
COMMENT 'How many people took these steps in this order within window seconds, starting on a day from from to to: funnel(steps = [\'click\', \'purchase\'], window = 86400, from = \'2026-10-01\', to = \'2026-10-31\'). Steps are interaction types, each once.';
