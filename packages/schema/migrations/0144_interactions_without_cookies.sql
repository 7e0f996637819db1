ALTER TABLE turnout.interactions
    COMMENT COLUMN IF EXISTS session_id 'The visit; without cookies a browser has one each day (UTC). Empty for what a back end reports or a file imports without one. Cleared after 90 days.',
    COMMENT COLUMN IF EXISTS user_key 'The person, as a keyed hash of the user id or else of the visitor id; without cookies of the browser on one day (UTC). It stays when the ids are cleared.';
