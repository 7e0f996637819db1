ALTER TABLE turnout.sessions
    MODIFY COMMENT 'Rollup: each session. Aggregate on reading; user_daily does. A browser without cookies has one each day (UTC), from its first interaction to its last; what a back end reports or a file imports has none unless it names one.';
