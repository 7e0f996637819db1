-- A column and not a look into props by each reader: props clear after 90 days, and a recount must still know it.
-- It never throws: what is no whole number is null.
ALTER TABLE turnout.interactions
    ADD COLUMN IF NOT EXISTS result_count Nullable(UInt32) MATERIALIZED toUInt32OrNull(toString(getSubcolumn(props, 'result_count')))
    COMMENT 'How many results a search found, from props.result_count; null when it did not say.' CODEC(ZSTD(1));
