ALTER TABLE turnout.user_preferences MODIFY TTL toDateTime(greatest(first_seen, last_seen)) + INTERVAL 24 MONTH DELETE;
