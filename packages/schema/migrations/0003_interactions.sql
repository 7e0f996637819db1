CREATE TABLE IF NOT EXISTS turnout.interactions
(
    site_id LowCardinality(String) COMMENT 'The site it happened on.',
    id UUID COMMENT 'Made when it happened (version 7 from the SDK, version 5 for orders); a site counts each id once.',
    id_day Date COMMENT 'UTC date of the uncorrected occurred_at: the same on every attempt, so a retry has the same key.',
    type LowCardinality(String) COMMENT 'What the visitor did: impression, click, view, purchase …',
    name String COMMENT 'The name of a custom interaction; empty for the others.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it happened: occurred_at corrected by the clock skew of the sender.' CODEC(Delta(8), ZSTD(1)),
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened by the clock of the browser, as recorded.' CODEC(Delta(8), ZSTD(1)),
    received_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the collector had it.' CODEC(Delta(8), ZSTD(1)),
    local_date Date DEFAULT toDate(ts) COMMENT 'Day of ts in the time zone of the site: the days of all rollups.' CODEC(Delta(2), ZSTD(1)),
    batch_id UUID COMMENT 'The request it came in.' CODEC(ZSTD(1)),
    batch UUID COMMENT 'The block it was inserted with, which is also the deduplication token of the block.' CODEC(ZSTD(1)),
    attempt UInt16 COMMENT '0 when it arrived at the first attempt; 1 or more after a retry or a reload from storage.' CODEC(ZSTD(1)),
    user_key UInt64 COMMENT 'The person, as a keyed hash of the user id or else of the visitor id; stays when the ids are cleared.',
    visitor_id String COMMENT 'Random id of the browser. Cleared after 90 days.' CODEC(ZSTD(3)) TTL toDateTime(ts) + INTERVAL 90 DAY,
    user_id String COMMENT 'Id of the signed-in person, in the words of the site. Cleared after 90 days.' CODEC(ZSTD(3)) TTL toDateTime(ts) + INTERVAL 90 DAY,
    session_id String COMMENT 'The visit; empty when cookieless. Cleared after 90 days.' CODEC(ZSTD(1)) TTL toDateTime(ts) + INTERVAL 90 DAY,
    session_key UInt64 MATERIALIZED sipHash64(session_id) COMMENT 'Hash of session_id, which stays: sessions can be counted again after 90 days.' CODEC(ZSTD(1)),
    sdk LowCardinality(String) COMMENT 'What sent it, such as js/0.1.0.',
    env LowCardinality(String) DEFAULT 'production' COMMENT 'Where it was recorded; rollups count production only.',
    entity_type LowCardinality(String) COMMENT 'Kind of thing it is about: event, artist, venue, ad, offer … Empty when about none.',
    entity_id String COMMENT 'Id of the thing it is about.' CODEC(ZSTD(1)),
    list_id String COMMENT 'The list or feed that the thing stood in.' CODEC(ZSTD(1)),
    position Nullable(UInt32) COMMENT 'Place in its list, from 0; null when it stood in none.' CODEC(ZSTD(1)),
    surface LowCardinality(String) COMMENT 'Where on the site: feed, search, event_modal …',
    view_id String COMMENT 'One opening of a page, dialog or card; its parts share the id.' CODEC(ZSTD(1)),
    part UInt32 COMMENT '0 when a view opens; 1, 2 … carry increments of visible time.' CODEC(ZSTD(1)),
    duration_ms UInt64 COMMENT 'Visible time of this part, in milliseconds.' CODEC(T64, ZSTD(1)),
    visible_ratio Nullable(Float32) COMMENT 'Share of the element that was visible, 0 to 1; null when not measured.' CODEC(ZSTD(1)),
    value Nullable(Decimal(18, 4)) COMMENT 'Money, in currency; null when it carries none.' CODEC(ZSTD(1)),
    currency LowCardinality(String) COMMENT 'ISO 4217 code of value.',
    site_value Nullable(Decimal(18, 4)) COMMENT 'value where currency is that of the site, else null: what revenue sums add up.' CODEC(ZSTD(1)),
    quantity Nullable(UInt32) COMMENT 'Pieces (tickets, items); null counts as one in rollups.' CODEC(ZSTD(1)),
    order_id String COMMENT 'The order of a purchase or refund.' CODEC(ZSTD(1)),
    experiment LowCardinality(String) COMMENT 'Experiment that was running.',
    variant LowCardinality(String) COMMENT 'Variant of the experiment that the visitor was in.',
    query String COMMENT 'What was searched for.' CODEC(ZSTD(3)),
    search_id String COMMENT 'One search: choosing a result is a click with the same id.' CODEC(ZSTD(1)),
    undo UInt8 COMMENT '1 takes a like, save, follow or interest back: it counts -1.',
    artist_id String COMMENT 'Artist of the event it is about.' CODEC(ZSTD(1)),
    venue_id String COMMENT 'Venue of the event it is about.' CODEC(ZSTD(1)),
    genre LowCardinality(String) COMMENT 'Genre of the thing it is about.',
    event_date Nullable(Date) COMMENT 'Day of the event it is about.' CODEC(ZSTD(1)),
    price_min Nullable(Decimal(18, 4)) COMMENT 'Lowest ticket price shown.' CODEC(ZSTD(1)),
    price_max Nullable(Decimal(18, 4)) COMMENT 'Highest ticket price shown.' CODEC(ZSTD(1)),
    ticket_provider LowCardinality(String) COMMENT 'Who sells the tickets.',
    rating Nullable(Decimal(9, 4)) COMMENT 'Rating given with a review; null when none was given.' CODEC(ZSTD(1)),
    city String COMMENT 'City of the visitor, as known to the collector.' CODEC(ZSTD(1)),
    country LowCardinality(String) COMMENT 'Country of the visitor, as known to the collector.',
    age_band LowCardinality(String) COMMENT 'Age band of the person, such as 25-34; empty when unknown.',
    gender LowCardinality(String) COMMENT 'Gender of the person; empty when unknown.',
    page_url String COMMENT 'Address of the page. Cleared after 90 days.' CODEC(ZSTD(3)) TTL toDateTime(ts) + INTERVAL 90 DAY,
    page_path String COMMENT 'Path of the page.' CODEC(ZSTD(3)),
    referrer String COMMENT 'Where the visitor came from.' CODEC(ZSTD(3)),
    title String COMMENT 'Title of the page.' CODEC(ZSTD(3)),
    utm_source String COMMENT 'Campaign source.' CODEC(ZSTD(1)),
    utm_medium String COMMENT 'Campaign medium.' CODEC(ZSTD(1)),
    utm_campaign String COMMENT 'Campaign name.' CODEC(ZSTD(1)),
    utm_term String COMMENT 'Campaign term.' CODEC(ZSTD(1)),
    utm_content String COMMENT 'Campaign content.' CODEC(ZSTD(1)),
    language LowCardinality(String) COMMENT 'Language of the browser, as a BCP 47 tag.',
    viewport_width UInt32 COMMENT 'Width of the window in CSS pixels.' CODEC(ZSTD(1)),
    viewport_height UInt32 COMMENT 'Height of the window in CSS pixels.' CODEC(ZSTD(1)),
    device LowCardinality(String) COMMENT 'desktop, mobile, tablet …',
    browser LowCardinality(String) COMMENT 'Name of the browser.',
    os LowCardinality(String) COMMENT 'Name of the operating system.',
    is_bot UInt8 COMMENT '1 when the sender is a known bot; rollups leave it out.',
    props JSON(max_dynamic_paths = 64) COMMENT 'Everything else that was said about it: read a path as props.x. Cleared after 90 days.' TTL toDateTime(ts) + INTERVAL 90 DAY,
    -- Within a site the key runs by id_day, which is local_date give or take a day: verification and erasure read
    -- one local day without reading its month.
    INDEX by_local_date local_date TYPE minmax GRANULARITY 1
)
-- The key serves counting of a site over days and types, and the writer's lookup of a retried id; rows that
-- share it are one interaction and merge. No projections: a deleted row would stay visible through them.
-- The settings make a block count once (a resent one is recognised by its token in every table) and survive a
-- power loss (an acknowledged insert is on disk).
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (site_id, id_day, type, user_key, id)
TTL toDateTime(ts) + INTERVAL 25 MONTH DELETE
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Raw: one row per accepted interaction, kept 25 months; what identifies a person clears after 90 days.';
