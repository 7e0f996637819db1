-- Signing in tells the traits again: only of people who stay away they grow old.
ALTER TABLE turnout.people MODIFY TTL toDateTime(updated_at) + INTERVAL 24 MONTH DELETE;
