-- A merge adds up rows of one key, and the projections of the part have to follow: it makes them anew from the merged rows.
ALTER TABLE turnout.entity_day MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
