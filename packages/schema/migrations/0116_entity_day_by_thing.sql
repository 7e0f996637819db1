-- The same rows by the thing first, for whoever asks about one of them over many days: event_daily of an event, artist_daily of an
-- artist, and so on find it by themselves. In the order of the table one thing has a row in each day, and sets of people
-- are wide: reading one meant to read those of 8,192 neighbours with it. Hence 256 here.
-- Part of each part of the table, so it is written and deleted with it and cannot differ. It names no person. people is left
-- out: only ad_daily asks for it, and it is half of the table.
ALTER TABLE turnout.entity_day ADD PROJECTION IF NOT EXISTS by_thing (
    SELECT
        site_id, entity_type, entity_id, via, date,
        served, impressions, clicks, views, view_ms, interested, likes, saves, follows, comments, shares, reviews, ratings,
        rating_sum, ticket_clicks, cart_adds, purchases, refunds, quantity, refunded_quantity, gross, revenue, dismissals,
        reach, viewers, buyers, attendees, events, events_hosted
    ORDER BY (site_id, entity_type, entity_id, via, date)
) WITH SETTINGS (index_granularity = 256);
