-- Two years of a person is what a season is compared with; raw keeps a month more, so that verification has both.
ALTER TABLE turnout.user_day MODIFY TTL date + INTERVAL 24 MONTH DELETE;
