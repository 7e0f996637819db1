-- Of rows that are there already. It goes on in the background; a part that has none yet is read as before.
ALTER TABLE turnout.funnel_day MATERIALIZE PROJECTION IF EXISTS counts;
