-- A scan is given up after attempts that came to nothing, not after any: one whose process dies goes on for as long as
-- each attempt reads something more.

ALTER TABLE scans
    -- The attempts in a row whose process ended before anything new was in the journal.
    ADD COLUMN fruitless_attempts integer NOT NULL DEFAULT 0,
    -- The assets in the journal when the last of them ended.
    ADD COLUMN kept_assets bigint NOT NULL DEFAULT 0;
