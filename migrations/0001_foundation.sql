-- The foundation: connections, scans, snapshots as changes, packs, evaluations as changes, findings, trends.
-- Facts are insert-only; what may be updated is a projection of them (`current_…`, `findings`) or a running process (`scans`).

CREATE TABLE connections (
    connection_id bigint GENERATED ALWAYS AS IDENTITY,
    -- What addresses and command lines call it.
    slug text NOT NULL,
    name text NOT NULL,
    -- `azure`: scanned; `import`: fed with files.
    kind text NOT NULL,
    -- How to reach Azure (endpoints, tenant, client id); never a secret.
    settings jsonb NOT NULL,
    -- Seconds between two scans; NULL: only when asked.
    scan_every_seconds integer,
    created_at timestamptz NOT NULL,
    CONSTRAINT connections_pkey PRIMARY KEY (connection_id),
    CONSTRAINT connections_slug_key UNIQUE (slug),
    CONSTRAINT connections_slug_check CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    CONSTRAINT connections_kind_check CHECK (kind IN ('azure', 'import')),
    CONSTRAINT connections_scan_every_check CHECK (scan_every_seconds >= 60)
);

-- A scan is a process: queued, running (with a heartbeat), then finished or failed. Its result is a snapshot.
CREATE TABLE scans (
    scan_id bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    state text NOT NULL,
    -- `schedule`, `button`, `command line`, `demo` or `import`.
    requested_by text NOT NULL,
    queued_at timestamptz NOT NULL,
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    -- How far it is, in words and numbers, while it runs.
    progress jsonb,
    -- Why it failed, for people.
    failure text,
    CONSTRAINT scans_pkey PRIMARY KEY (scan_id),
    CONSTRAINT scans_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id),
    CONSTRAINT scans_state_check CHECK (state IN ('queued', 'running', 'finished', 'failed')),
    CONSTRAINT scans_running_check CHECK ((state = 'queued') = (started_at IS NULL)),
    CONSTRAINT scans_ended_check CHECK ((state IN ('finished', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT scans_failure_check CHECK ((state = 'failed') = (failure IS NOT NULL))
);

-- One scan at a time per connection, whatever happens.
CREATE UNIQUE INDEX scans_running_key ON scans (connection_id) WHERE state = 'running';
CREATE UNIQUE INDEX scans_queued_key ON scans (connection_id) WHERE state = 'queued';
CREATE INDEX scans_connection_idx ON scans (connection_id, scan_id DESC);

CREATE TABLE asset_bodies (
    -- SHA-256 of the canonical JSON text.
    content_hash bytea NOT NULL,
    -- {"resource": …, "related": …}, once per content hash.
    document jsonb NOT NULL,
    CONSTRAINT asset_bodies_pkey PRIMARY KEY (content_hash),
    CONSTRAINT asset_bodies_hash_check CHECK (length(content_hash) = 32)
);

CREATE TABLE snapshots (
    snapshot_id bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    scan_id bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    subscriptions jsonb NOT NULL,
    -- Every list that was asked for, with its completeness.
    listings jsonb NOT NULL,
    -- What could not be read, with the reason.
    gaps jsonb NOT NULL,
    assets_read integer NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (snapshot_id),
    CONSTRAINT snapshots_scan_key UNIQUE (scan_id),
    CONSTRAINT snapshots_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id),
    CONSTRAINT snapshots_scan_fkey FOREIGN KEY (scan_id) REFERENCES scans (scan_id)
);

CREATE INDEX snapshots_connection_idx ON snapshots (connection_id, finished_at DESC, snapshot_id DESC);

-- What a snapshot adds is the changes against the one before.
CREATE TABLE asset_changes (
    at timestamptz NOT NULL,
    snapshot_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    change text NOT NULL,
    -- The new body, where there is one.
    content_hash bytea,
    -- The asset's identity, where it appeared or changed: arm_id, asset_type, name, kind, location, resource_group, source.
    identity jsonb,
    -- Why it could not be read.
    reason jsonb,
    CONSTRAINT asset_changes_pkey PRIMARY KEY (connection_id, asset_id, at, snapshot_id),
    CONSTRAINT asset_changes_snapshot_fkey FOREIGN KEY (snapshot_id) REFERENCES snapshots (snapshot_id),
    CONSTRAINT asset_changes_body_fkey FOREIGN KEY (content_hash) REFERENCES asset_bodies (content_hash),
    CONSTRAINT asset_changes_change_check CHECK (
        change IN ('appeared', 'changed', 'read_again', 'unread', 'deleted', 'out_of_scope')
    ),
    CONSTRAINT asset_changes_body_check CHECK ((change IN ('appeared', 'changed')) = (content_hash IS NOT NULL)),
    CONSTRAINT asset_changes_reason_check CHECK ((change = 'unread') = (reason IS NOT NULL))
) PARTITION BY RANGE (at);

-- Projection: the inventory as of the latest snapshot.
CREATE TABLE current_assets (
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    arm_id text NOT NULL,
    asset_type text NOT NULL,
    name text NOT NULL,
    kind text,
    location text,
    subscription text NOT NULL,
    resource_group text,
    source text NOT NULL,
    content_hash bytea NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_read_at timestamptz NOT NULL,
    -- Set where the latest snapshot could not read it.
    unread_reason jsonb,
    CONSTRAINT current_assets_pkey PRIMARY KEY (connection_id, asset_id),
    CONSTRAINT current_assets_body_fkey FOREIGN KEY (content_hash) REFERENCES asset_bodies (content_hash)
);

-- Packs by digest, so that every verdict names the exact code that gave it.
CREATE TABLE packs (
    pack_digest bytea NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    manifest jsonb NOT NULL,
    component bytea NOT NULL,
    first_used_at timestamptz NOT NULL,
    CONSTRAINT packs_pkey PRIMARY KEY (pack_digest),
    CONSTRAINT packs_digest_check CHECK (length(pack_digest) = 32)
);

CREATE TABLE evaluations (
    evaluation_id bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    snapshot_id bigint NOT NULL,
    -- When the snapshot was finished: the time of the facts.
    at timestamptz NOT NULL,
    -- When it was judged.
    evaluated_at timestamptz NOT NULL,
    engine text NOT NULL,
    -- The packs' settings as JSON.
    settings jsonb NOT NULL,
    CONSTRAINT evaluations_pkey PRIMARY KEY (evaluation_id),
    CONSTRAINT evaluations_snapshot_key UNIQUE (snapshot_id),
    CONSTRAINT evaluations_snapshot_fkey FOREIGN KEY (snapshot_id) REFERENCES snapshots (snapshot_id),
    CONSTRAINT evaluations_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id)
);

CREATE INDEX evaluations_connection_idx ON evaluations (connection_id, at DESC, evaluation_id DESC);

CREATE TABLE evaluation_packs (
    evaluation_id bigint NOT NULL,
    pack_digest bytea NOT NULL,
    -- Set where the pack was trapped, stopped or lied: its rules are unknown in this evaluation.
    problem text,
    CONSTRAINT evaluation_packs_pkey PRIMARY KEY (evaluation_id, pack_digest),
    CONSTRAINT evaluation_packs_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id),
    CONSTRAINT evaluation_packs_pack_fkey FOREIGN KEY (pack_digest) REFERENCES packs (pack_digest)
);

-- What an evaluation adds is the changes against the one before.
CREATE TABLE verdict_changes (
    at timestamptz NOT NULL,
    evaluation_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    rule_id text NOT NULL,
    pack_digest bytea NOT NULL,
    -- NULL: the check ended, because the asset or the rule is gone.
    verdict text,
    severity text,
    summary text,
    evidence jsonb,
    CONSTRAINT verdict_changes_pkey PRIMARY KEY (connection_id, asset_id, rule_id, at, evaluation_id),
    CONSTRAINT verdict_changes_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id),
    CONSTRAINT verdict_changes_pack_fkey FOREIGN KEY (pack_digest) REFERENCES packs (pack_digest),
    CONSTRAINT verdict_changes_verdict_check CHECK (verdict IN ('pass', 'fail', 'unknown', 'not_applicable')),
    CONSTRAINT verdict_changes_severity_check CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    CONSTRAINT verdict_changes_whole_check CHECK (
        (verdict IS NULL) = (severity IS NULL)
        AND (verdict IS NULL) = (summary IS NULL)
        AND (verdict IS NULL) = (evidence IS NULL)
    )
) PARTITION BY RANGE (at);

-- Projection: the verdicts as of the latest evaluation.
CREATE TABLE current_verdicts (
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    rule_id text NOT NULL,
    pack_digest bytea NOT NULL,
    verdict text NOT NULL,
    severity text NOT NULL,
    summary text NOT NULL,
    evidence jsonb NOT NULL,
    -- Since when the verdict and its evidence are as they are.
    since timestamptz NOT NULL,
    CONSTRAINT current_verdicts_pkey PRIMARY KEY (connection_id, asset_id, rule_id)
);

-- Projection: the findings and their state as of the latest evaluation.
CREATE TABLE findings (
    finding_id bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    rule_id text NOT NULL,
    state text NOT NULL,
    severity text NOT NULL,
    -- 0 critical … 3 low: the order of lists.
    severity_rank smallint NOT NULL GENERATED ALWAYS AS (
        CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END
    ) STORED,
    first_seen_at timestamptz NOT NULL,
    -- When it was opened last: the first time, or when it came back.
    opened_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT findings_pkey PRIMARY KEY (finding_id),
    CONSTRAINT findings_check_key UNIQUE (connection_id, asset_id, rule_id),
    CONSTRAINT findings_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id),
    CONSTRAINT findings_state_check CHECK (state IN ('open', 'not_rechecked', 'unknown', 'resolved')),
    CONSTRAINT findings_severity_check CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    CONSTRAINT findings_resolved_check CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);

CREATE INDEX findings_list_idx ON findings (connection_id, state, severity_rank, opened_at, finding_id);

CREATE TABLE finding_events (
    at timestamptz NOT NULL,
    evaluation_id bigint NOT NULL,
    finding_id bigint NOT NULL,
    event text NOT NULL,
    -- The state and the severity after it.
    state text NOT NULL,
    severity text NOT NULL,
    -- What people read: the summary of the verdict, or the reason.
    detail text NOT NULL,
    CONSTRAINT finding_events_pkey PRIMARY KEY (finding_id, at, evaluation_id),
    CONSTRAINT finding_events_finding_fkey FOREIGN KEY (finding_id) REFERENCES findings (finding_id),
    CONSTRAINT finding_events_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id)
) PARTITION BY RANGE (at);

-- Written with the evaluation, never recomputed on read: a later rule or decision does not rewrite a line.
CREATE TABLE trend_points (
    evaluation_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    at timestamptz NOT NULL,
    -- The domain's `TrendPoint` without its id and time.
    counts jsonb NOT NULL,
    CONSTRAINT trend_points_pkey PRIMARY KEY (evaluation_id),
    CONSTRAINT trend_points_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id)
);

CREATE INDEX trend_points_connection_idx ON trend_points (connection_id, at DESC, evaluation_id DESC);

-- Makes sure that the partitions of the month of `moment` exist. Months are those of UTC.
CREATE FUNCTION ensure_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    month_start timestamptz := date_trunc('month', moment, 'UTC');
    month_end timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
    parent text;
    partition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['asset_changes', 'verdict_changes', 'finding_events'] LOOP
        partition := parent || to_char(month_start AT TIME ZONE 'UTC', '_YYYY_MM');
        IF to_regclass(partition) IS NULL THEN
            -- Two writers may arrive in the same new month.
            PERFORM pg_advisory_xact_lock(hashtext(partition));
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                partition, parent, month_start, month_end
            );
            -- Triggers of a statement, unlike those of a row, are not inherited.
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
                partition || '_no_truncate', partition
            );
        END IF;
    END LOOP;
END
$$;

-- Facts are never rewritten: only retention, which says so in its transaction, may delete.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('postern.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % refused: facts are insert-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER asset_bodies_insert_only BEFORE UPDATE OR DELETE ON asset_bodies
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshots_insert_only BEFORE UPDATE OR DELETE ON snapshots
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER asset_changes_insert_only BEFORE UPDATE OR DELETE ON asset_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packs_insert_only BEFORE UPDATE OR DELETE ON packs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluations_insert_only BEFORE UPDATE OR DELETE ON evaluations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluation_packs_insert_only BEFORE UPDATE OR DELETE ON evaluation_packs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdict_changes_insert_only BEFORE UPDATE OR DELETE ON verdict_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER finding_events_insert_only BEFORE UPDATE OR DELETE ON finding_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trend_points_insert_only BEFORE UPDATE OR DELETE ON trend_points
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER asset_bodies_no_truncate BEFORE TRUNCATE ON asset_bodies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER snapshots_no_truncate BEFORE TRUNCATE ON snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER asset_changes_no_truncate BEFORE TRUNCATE ON asset_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packs_no_truncate BEFORE TRUNCATE ON packs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluations_no_truncate BEFORE TRUNCATE ON evaluations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluation_packs_no_truncate BEFORE TRUNCATE ON evaluation_packs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdict_changes_no_truncate BEFORE TRUNCATE ON verdict_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER finding_events_no_truncate BEFORE TRUNCATE ON finding_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trend_points_no_truncate BEFORE TRUNCATE ON trend_points
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
