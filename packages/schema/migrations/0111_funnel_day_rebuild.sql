-- Counts that a merge drops must leave the projections of the part as well: it makes them anew from the rows that stay.
ALTER TABLE turnout.funnel_day MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
