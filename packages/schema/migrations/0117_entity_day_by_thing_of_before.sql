-- Of rows that are there already. It goes on in the background; a part that has none yet is read as before.
ALTER TABLE turnout.entity_day MATERIALIZE PROJECTION IF EXISTS by_thing;
