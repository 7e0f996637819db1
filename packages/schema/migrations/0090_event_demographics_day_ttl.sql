ALTER TABLE turnout.event_demographics_day MODIFY TTL date + INTERVAL 24 MONTH DELETE;
