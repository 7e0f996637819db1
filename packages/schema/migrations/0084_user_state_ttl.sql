-- Whoever has been away for two years is forgotten.
ALTER TABLE turnout.user_state MODIFY TTL toDateTime(greatest(first_seen, last_seen)) + INTERVAL 24 MONTH DELETE;
