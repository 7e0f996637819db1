ALTER TABLE turnout.waitlist_daily
    COMMENT COLUMN IF EXISTS people 'People who joined, got a place, answered, let the offer run out or left.';
