-- A merge reads so many rows of each part at a time, 8,192 by default. A row here holds sets of people, up to a megabyte each
-- in memory: where a few thousand things are seen by everybody, that was all of the table at once.
ALTER TABLE turnout.entity_day MODIFY SETTING merge_max_block_size = 128;
