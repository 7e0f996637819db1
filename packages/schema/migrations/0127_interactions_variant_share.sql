-- A column and not a look into props by the reader: props clear after 90 days, and results must still know it. Nothing
-- here throws: what is no share says nothing.
ALTER TABLE turnout.interactions
    ADD COLUMN IF NOT EXISTS variant_share Float64 MATERIALIZED if(
        type = 'exposure' AND toFloat64OrZero(ifNull(toString(getSubcolumn(props, 'variant_share')), '')) BETWEEN 0 AND 1,
        round(toFloat64OrZero(ifNull(toString(getSubcolumn(props, 'variant_share')), '')), 6),
        0)
    COMMENT 'The share of people that the variant of an exposure was meant to get, from props.variant_share: above 0, at most 1. 0 when it did not say.' CODEC(ZSTD(1));
