CREATE TABLE IF NOT EXISTS turnout.erasures
(
    erasure_id UUID COMMENT 'One run of turnout erase-user.',
    site_id LowCardinality(String) COMMENT 'The site.',
    user_key UInt64 COMMENT 'The person, or a visitor they were: a keyed hash, which says nothing without the secret.',
    at DateTime64(3, 'UTC') COMMENT 'What was recorded of the person until then is refused, whenever it arrives.'
)
-- Mutations read who is to go here, however many they are; every collector reads here whom to refuse.
-- Kept for ever, or else an import of old history would bring the person back.
ENGINE = ReplacingMergeTree
ORDER BY (erasure_id, site_id, user_key)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Tombstones: whose data was erased, and until when nothing of theirs is taken.';
