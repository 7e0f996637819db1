ALTER TABLE turnout.sessions MODIFY TTL toDateTime(last_ts) + INTERVAL 24 MONTH DELETE;
