-- Collectors ask for what is new to them. An erasure that finds the visitors of a person after minutes, or goes on after a crash,
-- is told of later than it counts from, and by another clock.
ALTER TABLE turnout.erasures
    ADD COLUMN IF NOT EXISTS recorded_at DateTime64(3, 'UTC') DEFAULT at COMMENT 'When the row was written, by the clock of the database: by that every collector finds what it has not heard.';
