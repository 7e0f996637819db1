-- When each day was last counted, without reading the rows of all its events. Every reader asks that first. It is a part of
-- each part of the table, so that the two cannot differ.
ALTER TABLE turnout.funnel_day ADD PROJECTION IF NOT EXISTS counts (
    SELECT site_id, date, max(computed_at) GROUP BY site_id, date
);
