-- The request is of use while a delivery is looked into, and says no more about anybody than the session does. It is
-- random and the largest column but one: without it a row that is older than 90 days takes a fifth less.
-- Parts of before follow as they are merged; rewriting them all at once would stop a large table for hours.
ALTER TABLE turnout.interactions
    MODIFY COLUMN IF EXISTS batch_id UUID COMMENT 'The request it came in. Cleared after 90 days.' CODEC(ZSTD(1)) TTL toDateTime(ts) + INTERVAL 90 DAY
    SETTINGS materialize_ttl_after_modify = 0;
