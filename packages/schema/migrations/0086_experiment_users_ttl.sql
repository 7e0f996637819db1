ALTER TABLE turnout.experiment_users MODIFY TTL toDateTime(last_exposure) + INTERVAL 24 MONTH DELETE;
