ALTER TABLE turnout.rejected_interactions
    COMMENT COLUMN IF EXISTS code 'Why it was rejected: invalid, unknown_type, time_out_of_range, missing_metadata, refused or conflict (another record came before under its key).';
