-- A merge makes by_thing anew in one piece: all sets of people of what it merges are in memory at once, twice for a moment, and
-- its steps (0147) do not help. So what is merged at a time is bounded. Parts of that size stay side by side, and readers add
-- them up. A month with less in it is one part as before. Expiry goes on in larger parts too.
ALTER TABLE turnout.entity_day MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 536870912;
