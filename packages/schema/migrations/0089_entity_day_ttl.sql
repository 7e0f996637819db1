-- Rows with follows stay: followers add up over all days.
ALTER TABLE turnout.entity_day MODIFY TTL date + INTERVAL 24 MONTH DELETE WHERE follows = 0;
