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

-- The changes at or before a moment, the time of an evaluation, that no later moment is made of.

-- Of each asset stay the last change, the last that says what it is, the last in which it was read, and the one in which it
-- was lost after that.
CREATE FUNCTION superseded_asset_changes(of bigint, before timestamptz)
RETURNS TABLE (asset_id text, at timestamptz, snapshot_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ranked.asset_id, ranked.at, ranked.snapshot_id
    FROM (
        SELECT
            older.asset_id,
            older.at,
            older.snapshot_id,
            is_named,
            is_read,
            row_number() OVER later AS age,
            row_number() OVER (PARTITION BY older.asset_id, is_named ORDER BY older.at DESC, older.snapshot_id DESC)
                AS named_age,
            row_number() OVER (PARTITION BY older.asset_id, is_read ORDER BY older.at DESC, older.snapshot_id DESC)
                AS read_age,
            count(*) FILTER (WHERE is_read) OVER later AS read_since,
            lead(is_read) OVER later AS was_read
        FROM (
            SELECT
                asset_changes.asset_id,
                asset_changes.at,
                asset_changes.snapshot_id,
                identity IS NOT NULL AS is_named,
                change IN ('appeared', 'changed', 'read_again') AS is_read
            FROM asset_changes
            WHERE connection_id = of AND asset_changes.at <= before
        ) AS older
        WINDOW later AS (PARTITION BY older.asset_id ORDER BY older.at DESC, older.snapshot_id DESC)
    ) AS ranked
    WHERE age > 1
        AND NOT (is_named AND named_age = 1)
        AND NOT (is_read AND read_age = 1)
        AND NOT (read_since = 0 AND COALESCE(was_read, FALSE));
END;

-- Of each check stay the last change, and the last verdict where the check has ended.
CREATE FUNCTION superseded_verdict_changes(of bigint, before timestamptz)
RETURNS TABLE (asset_number bigint, rule_id text, at timestamptz, evaluation_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ranked.asset_number, ranked.rule_id, ranked.at, ranked.evaluation_id
    FROM (
        SELECT
            older.asset_number,
            older.rule_id,
            older.at,
            older.evaluation_id,
            verdict IS NOT NULL AS is_said,
            row_number() OVER (
                PARTITION BY older.asset_number, older.rule_id ORDER BY older.at DESC, older.evaluation_id DESC
            ) AS age,
            row_number() OVER (
                PARTITION BY older.asset_number, older.rule_id, verdict IS NOT NULL
                ORDER BY older.at DESC, older.evaluation_id DESC
            ) AS said_age
        FROM verdict_changes AS older
        WHERE connection_id = of AND older.at <= before
    ) AS ranked
    WHERE age > 1 AND NOT (is_said AND said_age = 1);
END;

-- Of each asset stays the last change.
CREATE FUNCTION superseded_owner_changes(of bigint, before timestamptz)
RETURNS TABLE (asset_number bigint, at timestamptz, evaluation_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ranked.asset_number, ranked.at, ranked.evaluation_id
    FROM (
        SELECT
            older.asset_number,
            older.at,
            older.evaluation_id,
            row_number() OVER (PARTITION BY older.asset_number ORDER BY older.at DESC, older.evaluation_id DESC) AS age
        FROM owner_changes AS older
        JOIN assets ON assets.asset_number = older.asset_number
        WHERE connection_id = of AND older.at <= before
    ) AS ranked
    WHERE age > 1;
END;

-- Of each finding stay the first event, the last in which it was opened, and the last of all.
CREATE FUNCTION superseded_finding_events(of bigint, before timestamptz)
RETURNS TABLE (finding_id bigint, at timestamptz, evaluation_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ranked.finding_id, ranked.at, ranked.evaluation_id
    FROM (
        SELECT
            older.finding_id,
            older.at,
            older.evaluation_id,
            event IN ('opened', 'reopened') AS is_opening,
            row_number() OVER (PARTITION BY older.finding_id ORDER BY older.at, older.evaluation_id) AS number,
            row_number() OVER (PARTITION BY older.finding_id ORDER BY older.at DESC, older.evaluation_id DESC) AS age,
            row_number() OVER (
                PARTITION BY older.finding_id, event IN ('opened', 'reopened')
                ORDER BY older.at DESC, older.evaluation_id DESC
            ) AS opening_age
        FROM finding_events AS older
        JOIN findings ON findings.finding_id = older.finding_id
        WHERE connection_id = of AND older.at <= before
    ) AS ranked
    WHERE number > 1 AND age > 1 AND NOT (is_opening AND opening_age = 1);
END;

CREATE TRIGGER retention_changes_insert_only BEFORE UPDATE OR DELETE ON retention_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_changes_no_truncate BEFORE TRUNCATE ON retention_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_runs_insert_only BEFORE UPDATE OR DELETE ON retention_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_runs_no_truncate BEFORE TRUNCATE ON retention_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
