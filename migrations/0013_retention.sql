-- How long what is stored is kept, and what was removed of it.

-- The latest row holds; without one everything is kept for ever.
CREATE TABLE retention_changes (
    retention_change_id bigint GENERATED ALWAYS AS IDENTITY,
    -- The domain's `Retention`.
    retention jsonb NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT retention_changes_pkey PRIMARY KEY (retention_change_id)
);

CREATE TABLE retention_runs (
    retention_run_id bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    kind text NOT NULL,
    -- What lies before it was removed, but for what later states are made of. Of the kind `history` it is the time of an
    -- evaluation: no earlier moment can be shown.
    before timestamptz NOT NULL,
    -- Rows by table: {"verdict_changes": 12345}.
    removed jsonb NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT retention_runs_pkey PRIMARY KEY (retention_run_id),
    CONSTRAINT retention_runs_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id),
    CONSTRAINT retention_runs_kind_check CHECK (kind IN ('history', 'trend', 'failed_scans'))
);

CREATE INDEX retention_runs_connection_idx ON retention_runs (connection_id, kind, before DESC);

-- Whether a body is still named is looked up for each that goes.
CREATE INDEX asset_changes_body_idx ON asset_changes (content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX current_assets_body_idx ON current_assets (content_hash);
CREATE INDEX verdict_changes_body_idx ON verdict_changes (connection_id, body_digest);

CREATE TRIGGER retention_changes_insert_only BEFORE UPDATE OR DELETE ON retention_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_changes_no_truncate BEFORE TRUNCATE ON retention_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_runs_insert_only BEFORE UPDATE OR DELETE ON retention_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_runs_no_truncate BEFORE TRUNCATE ON retention_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
