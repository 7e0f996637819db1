-- Signing in tells the link again.
ALTER TABLE turnout.identity_links MODIFY TTL toDateTime(linked_at) + INTERVAL 24 MONTH DELETE;
