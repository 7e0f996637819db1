CREATE OR REPLACE VIEW turnout.retention
(
    site_id LowCardinality(String) COMMENT 'The site.',
    cohort Date COMMENT 'First day of the day, week or month in which people came for the first time.',
    cohort_people UInt64 COMMENT 'How many they are.',
    period UInt32 COMMENT 'Days, weeks or months since: 0 is the cohort itself.',
    people UInt64 COMMENT 'How many of them came in that period. A period in which nobody came has no row.',
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
        d.site_id AS site_id,
        d.user_key AS user_key,
        min(d.date) AS first_day,
        toDate(dateTrunc({grain:String}, first_day)) AS cohort,
        arrayJoin(groupUniqArray(toDate(dateTrunc({grain:String}, d.date)))) AS came,
        toUInt32(greatest(0, dateDiff({grain:String}, cohort, came))) AS period
    FROM turnout.user_day AS d
    GROUP BY site_id, user_key
    HAVING first_day BETWEEN {from:Date} AND {to:Date}
)
GROUP BY site_id, cohort, period
COMMENT 'Of the people who came for the first time from from to to, how many came again: retention(from = \'2026-10-01\', to = \'2026-10-31\', grain = \'week\'), grain being day, week (from Monday) or month.';
