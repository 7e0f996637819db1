ALTER TABLE turnout.searches MODIFY TTL toDateTime(last_ts) + INTERVAL 24 MONTH DELETE;
