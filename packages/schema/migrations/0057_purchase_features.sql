CREATE OR REPLACE VIEW turnout.purchase_features
(
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person.',
    x Array(Float64) COMMENT 'The features, of days before as_of alone: 1 interactions_7: log(1 + interactions of the last 7 days); 2 interactions_30: log(1 + interactions of the last 30 days); 3 active_days_30: days with an interaction among the last 30; 4 events_clicked_30: log(1 + clicks on events in 30 days); 5 events_viewed_30: log(1 + details of events opened in 30 days); 6 interested_30: log(1 + interest shown in 30 days, net of undone); 7 ticket_clicks_7: log(1 + ticket clicks of 7 days); 8 ticket_clicks_30: log(1 + ticket clicks of 30 days); 9 searches_30: log(1 + searches of 30 days); 10 days_away: log(1 + days since the last interaction); 11 purchases_90: log(1 + purchases of 90 days); 12 has_purchased: 1 when the person ever purchased, else 0.'
)
AS
SELECT
    d.site_id AS site_id,
    d.user_key AS user_key,
    [
            log1p(sumIf(d.interactions, age <= 7)),
            log1p(sumIf(d.interactions, age <= 30)),
            toFloat64(uniqExactIf(d.date, age <= 30)),
            log1p(sumIf(d.events_clicked, age <= 30)),
            log1p(sumIf(d.events_viewed, age <= 30)),
            log1p(greatest(0, sumIf(d.events_interested, age <= 30))),
            log1p(sumIf(d.ticket_links_clicked, age <= 7)),
            log1p(sumIf(d.ticket_links_clicked, age <= 30)),
            log1p(sumIf(d.searches_performed, age <= 30)),
            log1p(min(age)),
            log1p(sumIf(d.purchases, age <= 90)),
            toFloat64(sum(d.purchases) > 0)
    ] AS x
FROM (SELECT *, toInt32({as_of:Date}) - toInt32(date) AS age FROM turnout.user_day WHERE date < {as_of:Date}) AS d
GROUP BY site_id, user_key
-- Who stayed away for longer is told apart by nothing that is here.
HAVING min(age) <= 90
COMMENT 'What purchase_probability looks at, as it was known on a day: purchase_features(as_of = \'2026-10-01\'). People without an interaction in the 90 days before have no row.';
