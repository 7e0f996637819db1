CREATE TABLE IF NOT EXISTS turnout.purchase_models
(
    site_id LowCardinality(String) COMMENT 'The site.',
    trained_at DateTime64(3, 'UTC') COMMENT 'When it was fitted.',
    horizon_days UInt16 COMMENT 'It tells the chance of a purchase within so many days.',
    train_from Date COMMENT 'First day whose purchases it learned from.',
    train_to Date COMMENT 'Last one.',
    holdout_from Date COMMENT 'First day whose purchases it was tested on, after those it learned from.',
    holdout_to Date COMMENT 'Last one.',
    people UInt64 COMMENT 'People it was tested on.',
    purchasers UInt64 COMMENT 'Those of them who purchased in these days.',
    features Array(String) COMMENT 'What it looks at, in the order of purchase_features.',
    means Array(Float64) COMMENT 'Mean of each feature: it is subtracted first.',
    deviations Array(Float64) COMMENT 'Standard deviation of each feature: the rest is divided by it.',
    coefficients Array(Float64) COMMENT 'Intercept, then one for each feature.',
    auc Float64 COMMENT 'Chance that it ranks who purchased above who did not, on the days it was tested on. 0.5 is a coin.',
    formula_auc Float64 COMMENT 'The same of the formula purchase_likelihood.',
    pr_auc Float64 COMMENT 'Area under precision and recall, on those days; a coin has the share of purchasers.',
    brier Float64 COMMENT 'Mean squared error of its probabilities, on those days.',
    formula_brier Float64 COMMENT 'The same of the formula.',
    base_brier Float64 COMMENT 'The same of one probability for all: the share of purchasers in training.',
    calibration Array(Tuple(decile UInt8, people UInt64, predicted Float64, observed Float64)) COMMENT 'People by tenths of their probability: what was predicted on average, and the share who purchased.',
    published UInt8 COMMENT '1 when it ranks better than the formula and errs less than both formula and base rate. purchase_probability uses the last published one.',
    verdict String COMMENT 'Why it was published, or why not.'
)
-- One row a training. The key serves the newest of a site. It holds no person.
ENGINE = ReplacingMergeTree
ORDER BY (site_id, trained_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1
COMMENT 'Models of purchase_probability: coefficients, and how each did on days it had not seen. Written by turnout train.';
