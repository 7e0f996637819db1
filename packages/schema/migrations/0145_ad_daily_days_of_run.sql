CREATE OR REPLACE VIEW turnout.ad_daily
(
    site_id LowCardinality(String) COMMENT 'The site.',
    date Date COMMENT 'Day in the time zone of the site.',
    ad_id String COMMENT 'The ad.',
    impressions UInt64 COMMENT 'Times it was rendered (served); the viewable ones on a day on which nothing was marked served.',
    viewable_impressions UInt64 COMMENT 'Times at least half of it was visible for at least a second.',
    clicks UInt64 COMMENT 'Clicks.',
    ctr Float64 COMMENT 'clicks / impressions; 0 without impressions.',
    viewable_ctr Float64 COMMENT 'clicks / viewable_impressions; 0 without.',
    viewability Float64 COMMENT 'viewable_impressions / impressions; 0 without.',
    unique_users UInt64 COMMENT 'People who met it in any way.',
    unique_reach UInt64 COMMENT 'People with a viewable impression.',
    unique_clickers_and_viewers UInt64 COMMENT 'People with a click or an opened view.',
    view_seconds Float64 COMMENT 'Time that its details were visible (parts of views), in seconds.',
    dismissals UInt64 COMMENT 'Times it was dismissed.',
    purchases UInt64 COMMENT 'Purchases recorded for the ad itself.',
    revenue Decimal(38, 4) COMMENT 'Money from them, less refunds.',
    cost Nullable(Float64) COMMENT 'What the day cost, by cost and cost_per of the catalogue: the rate × what is counted; the rate of a day, or the share of one day of a run, and 0 on days before starts_on and after ends_on. Null when unknown.',
    cpm Nullable(Float64) COMMENT 'cost for 1,000 impressions; null without cost or impressions.',
    cpc Nullable(Float64) COMMENT 'cost for one click; null without cost or clicks.',
    ad_name String COMMENT 'Its name in the catalogue; empty when unknown.',
    video_starts UInt64 COMMENT 'Times its video began to play.',
    video_25 UInt64 COMMENT 'Times a quarter of its video was played. What was skipped was not played.',
    video_50 UInt64 COMMENT 'Times half of it was.',
    video_75 UInt64 COMMENT 'Times three quarters were.',
    video_completions UInt64 COMMENT 'Times all of it was.',
    video_completion_rate Float64 COMMENT 'video_completions / video_starts; 0 without.',
    video_seconds Float64 COMMENT 'What of it was played, in seconds, up to the last quarter that was reached.'
)
AS
SELECT
    measures.site_id AS site_id,
    measures.date AS date,
    measures.ad_id AS ad_id,
    if(served = 0, viewable_impressions, served) AS impressions,
    viewable_impressions,
    clicks,
    if(impressions = 0, 0, clicks / impressions) AS ctr,
    if(viewable_impressions = 0, 0, clicks / viewable_impressions) AS viewable_ctr,
    if(impressions = 0, 0, viewable_impressions / impressions) AS viewability,
    unique_users,
    unique_reach,
    unique_clickers_and_viewers,
    view_ms / 1000 AS view_seconds,
    dismissals,
    purchases,
    revenue,
    multiIf(
        isNull(known.cost), NULL,
        -- Somebody may click in a tab that stayed open: that day is not paid for. Where the catalogue names no first or last day, every
        -- day is within.
        known.cost_per = 'day',
            if(measures.date BETWEEN ifNull(known.starts_on, measures.date) AND ifNull(known.ends_on, measures.date), toFloat64(known.cost), 0),
        known.cost_per = 'mille', toFloat64(known.cost) * impressions / 1000,
        known.cost_per = 'click', toFloat64(known.cost) * clicks,
        isNull(known.starts_on) OR isNull(known.ends_on) OR known.ends_on < known.starts_on, NULL,
        measures.date BETWEEN known.starts_on AND known.ends_on,
            toFloat64(known.cost) / (toInt32(known.ends_on) - toInt32(known.starts_on) + 1),
        0
    ) AS cost,
    if(impressions = 0, NULL, 1000 * cost / impressions) AS cpm,
    if(clicks = 0, NULL, cost / clicks) AS cpc,
    known.name AS ad_name,
    video.starts AS video_starts,
    video.reached_25 AS video_25,
    video.reached_50 AS video_50,
    video.reached_75 AS video_75,
    video.completions AS video_completions,
    if(video_starts = 0, 0, video_completions / video_starts) AS video_completion_rate,
    video.played_ms / 1000 AS video_seconds
FROM
(
    SELECT
        d.site_id AS site_id,
        d.date AS date,
        d.entity_id AS ad_id,
        sum(d.served) AS served,
        sum(d.impressions) AS viewable_impressions,
        sum(d.clicks) AS clicks,
        uniqMerge(d.people) AS unique_users,
        uniqMerge(d.reach) AS unique_reach,
        uniqMerge(d.viewers) AS unique_clickers_and_viewers,
        sum(d.view_ms) AS view_ms,
        sum(d.dismissals) AS dismissals,
        sum(d.purchases) AS purchases,
        sum(d.revenue) AS revenue
    FROM turnout.entity_day AS d
    WHERE d.entity_type = 'ad'
    GROUP BY site_id, date, ad_id
) AS measures
-- A left join loses nothing: what is played has a row on the left, as anything that happened to an ad.
LEFT JOIN
(
    SELECT
        m.site_id AS site_id,
        m.date AS date,
        m.entity_id AS ad_id,
        sum(m.starts) AS starts,
        sum(m.reached_25) AS reached_25,
        sum(m.reached_50) AS reached_50,
        sum(m.reached_75) AS reached_75,
        sum(m.completions) AS completions,
        sum(m.played_ms) AS played_ms
    FROM turnout.media_day AS m
    WHERE m.entity_type = 'ad' AND m.media = 'video'
    GROUP BY site_id, date, ad_id
) AS video
ON measures.site_id = video.site_id AND measures.date = video.date AND measures.ad_id = video.ad_id
LEFT JOIN (SELECT * FROM turnout.entities FINAL WHERE deleted = 0 AND entity_type = 'ad') AS known
ON measures.site_id = known.site_id AND measures.ad_id = known.entity_id
COMMENT 'Each ad, each day on which anything happened to it.';
