-- What a scan has read is kept while it reads, so that a scan of any size needs little memory, goes on after its process
-- died, and can be cancelled.

-- The journal of the scans that wait or run: an asset is in it once all its facts were asked for.
-- Rows leave it in the transaction that stores the snapshot, or when the scan fails.
-- Logged, although everything in it is written once more: were it emptied by a crash of Postgres while a scan reads, what
-- was read before would look deleted.
CREATE TABLE scan_assets (
    scan_id bigint NOT NULL,
    -- In the order of bytes, which is the order of ids everywhere outside the database.
    asset_id text COLLATE "C" NOT NULL,
    arm_id text NOT NULL,
    asset_type text NOT NULL,
    name text NOT NULL,
    kind text,
    location text,
    subscription text NOT NULL,
    resource_group text,
    source text NOT NULL,
    content_hash bytea NOT NULL,
    -- NULL where `asset_bodies` had it already: an estate that stays as it is costs a short row an asset.
    document jsonb,
    -- What could not be read of the asset, as in `snapshots.gaps`.
    gaps jsonb NOT NULL,
    -- How completely each related fact was read: {"deployments": "complete"}.
    coverage jsonb NOT NULL,
    CONSTRAINT scan_assets_pkey PRIMARY KEY (scan_id, asset_id),
    CONSTRAINT scan_assets_scan_fkey FOREIGN KEY (scan_id) REFERENCES scans (scan_id),
    CONSTRAINT scan_assets_hash_check CHECK (length(content_hash) = 32)
);

ALTER TABLE snapshots
    -- How completely each related fact was read, by asset type and subscription.
    ADD COLUMN fact_coverage jsonb NOT NULL DEFAULT '[]',
    -- Its sums, because lists of scans show them.
    ADD COLUMN facts_complete bigint NOT NULL DEFAULT 0,
    ADD COLUMN facts_partial bigint NOT NULL DEFAULT 0,
    ADD COLUMN facts_failed bigint NOT NULL DEFAULT 0;

ALTER TABLE scans
    -- How often it was begun: a scan whose process dies is begun again, and not for ever.
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN cancel_requested_at timestamptz,
    -- Who or what asked, like `requested_by`.
    ADD COLUMN cancel_requested_by text,
    ADD CONSTRAINT scans_cancel_check CHECK ((cancel_requested_at IS NULL) = (cancel_requested_by IS NULL)),
    -- A scan that is cancelled while it waits fails without having begun.
    DROP CONSTRAINT scans_running_check,
    ADD CONSTRAINT scans_running_check CHECK (
        CASE state
            WHEN 'queued' THEN started_at IS NULL
            WHEN 'failed' THEN started_at IS NOT NULL OR cancel_requested_at IS NOT NULL
            ELSE started_at IS NOT NULL
        END
    );

-- Judging goes through the inventory in the order of ids, a few hundred assets at a time.
CREATE INDEX current_assets_order_idx ON current_assets (connection_id, asset_id COLLATE "C");
