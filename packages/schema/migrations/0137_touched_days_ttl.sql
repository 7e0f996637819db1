-- With the counts of the day itself (funnel_day): a day that is touched and has no count is counted anew, and of days whose
-- counts had expired that never ended.
ALTER TABLE turnout.touched_days MODIFY TTL date + INTERVAL 24 MONTH DELETE;
