-- A column and not a look into props by each reader: props clear after 90 days, and a sale is matched for as long as
-- raw is kept. It never throws: what is no text or number is its JSON.
ALTER TABLE turnout.interactions
    ADD COLUMN IF NOT EXISTS click_id String MATERIALIZED if(type IN ('ticket_click', 'purchase'), substring(ifNull(toString(getSubcolumn(props, 'click_id')), ''), 1, 200), '')
    COMMENT 'What ties a ticket_click to the purchase it led to, from props.click_id: the ticket link carried it to the shop, and the shop reported it with the sale. Empty when it did not.' CODEC(ZSTD(1));
