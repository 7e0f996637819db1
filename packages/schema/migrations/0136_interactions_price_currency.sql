-- What a column of prices is in has to be said: bands of prices, and what is learned of an event, take it for the site's.
ALTER TABLE turnout.interactions
    MODIFY COLUMN IF EXISTS price_min COMMENT 'Lowest ticket price shown, in the currency of the site. A price of another currency stays in props.',
    MODIFY COLUMN IF EXISTS price_max COMMENT 'Highest ticket price shown, in the currency of the site.';
