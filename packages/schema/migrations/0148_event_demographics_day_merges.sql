-- As for entity_day: a row holds a set of people.
ALTER TABLE turnout.event_demographics_day MODIFY SETTING merge_max_block_size = 128;
