-- By the days that people were active on, as site_daily: somebody who is paid back has not come again.
CREATE OR REPLACE VIEW turnout.retention
(
    site_id LowCardinality(String) COMMENT 'The site.',
    cohort Date COMMENT 'First day of the day, week or month in which people came for the first time.',
    cohort_people UInt64 COMMENT 'How many they are.',
    period UInt32 COMMENT 'Days, weeks or months since: 0 is the cohort itself.',
    people UInt64 COMMENT 'How many of them came in that period: had an interaction of their own, which a refund and a place offered or expired on a waiting list are not. A period in which nobody came has no row.',
    rate Float64 COMMENT 'people / cohort_people.'
)
AS
SELECT
    site_id,
    cohort,
    max(uniqExact(user_key)) OVER (PARTITION BY site_id, cohort) AS cohort_people,
    period,
    uniqExact(user_key) AS people,
    people / cohort_people AS rate
FROM
(
    SELECT
        p.site_id AS site_id,
        p.user_key AS user_key,
        arrayMap(day -> toDate(day), bitmapToArray(groupBitmapMergeState(p.active_days))) AS days,
        arrayMin(days) AS first_day,
        toDate(dateTrunc({grain:String}, first_day)) AS cohort,
        arrayJoin(arrayDistinct(arrayMap(day -> toDate(dateTrunc({grain:String}, day)), days))) AS came,
        toUInt32(greatest(0, dateDiff({grain:String}, cohort, came))) AS period
    FROM turnout.user_state AS p
    GROUP BY site_id, user_key
    HAVING notEmpty(days) AND first_day BETWEEN {from:Date} AND {to:Date}
)
GROUP BY site_id, cohort, period
COMMENT 'Of the people who came for the first time from from to to, how many came again: retention(from = \'2026-10-01\', to = \'2026-10-31\', grain = \'week\'), grain being day, week (from Monday) or month.';
