-- Columns and not a look into props by each reader: props clear after 90 days, and a recount must still know them.
-- None of them throws: what is of another kind is text, or says nothing.
ALTER TABLE turnout.interactions
    ADD COLUMN IF NOT EXISTS click_id String MATERIALIZED if(type IN ('ticket_click', 'purchase'), substring(ifNull(toString(getSubcolumn(props, 'click_id')), ''), 1, 200), '')
    COMMENT 'What ties a ticket_click to the purchase it led to, from props.click_id: the ticket link carried it to the shop, and the shop reported it with the sale. Empty when it did not.' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS media LowCardinality(String) MATERIALIZED if(type != 'media_play', '', if(toString(getSubcolumn(props, 'media')) = 'audio', 'audio', 'video'))
    COMMENT 'audio or video of a media_play, from props.media; video when it did not say.' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS quartile Nullable(UInt8) MATERIALIZED multiIf(
        type != 'media_play', NULL,
        isNotNull(toUInt8OrNull(toString(getSubcolumn(props, 'quartile')))),
            if(toUInt8OrNull(toString(getSubcolumn(props, 'quartile'))) IN (0, 25, 50, 75, 100), toUInt8OrNull(toString(getSubcolumn(props, 'quartile'))), NULL),
        part <= 4, toUInt8(part * 25),
        NULL)
    COMMENT 'How much of it was played when a media_play was recorded, in percent: 0 (the start), 25, 50, 75 or 100 from props.quartile, else from part (0 to 4). Null for other interactions.' CODEC(ZSTD(1));
