-- What is asked of a moment in the past is read by index, as what is asked of today; and the largest projection says nothing twice.

-- What a verdict says stands in `verdict_changes` at `since`. The digest tells whether a new verdict is the same.
ALTER TABLE current_verdicts
    -- SHA-256 over verdict, severity, summary and evidence; NULL where an older Postern judged last.
    ADD COLUMN verdict_digest bytea,
    ADD CONSTRAINT current_verdicts_digest_check CHECK (length(verdict_digest) = 32),
    DROP COLUMN summary,
    DROP COLUMN evidence;

-- What lists filter by, so that they need no other table.
ALTER TABLE findings
    ADD COLUMN asset_type text,
    -- In lower case.
    ADD COLUMN asset_name text,
    -- 0 open (re-checked or not), 1 unknown, 2 resolved: the tabs of lists.
    ADD COLUMN standing smallint NOT NULL GENERATED ALWAYS AS (
        CASE state WHEN 'unknown' THEN 1 WHEN 'resolved' THEN 2 ELSE 0 END
    ) STORED;

UPDATE findings
SET asset_type = named.asset_type, asset_name = named.asset_name
FROM (
    SELECT DISTINCT ON (connection_id, asset_id)
        connection_id, asset_id, identity ->> 'asset_type' AS asset_type, lower(identity ->> 'name') AS asset_name
    FROM asset_changes
    WHERE identity IS NOT NULL
    ORDER BY connection_id, asset_id, at DESC, snapshot_id DESC
) AS named
WHERE findings.connection_id = named.connection_id AND findings.asset_id = named.asset_id;

ALTER TABLE findings
    ALTER COLUMN asset_type SET NOT NULL,
    ALTER COLUMN asset_name SET NOT NULL;

DROP INDEX findings_list_idx;
CREATE INDEX findings_standing_idx ON findings (connection_id, standing, severity_rank, opened_at, finding_id);
CREATE INDEX findings_all_idx ON findings (connection_id, severity_rank, opened_at, finding_id);

-- Projection: the spans of time in which a finding had one state and severity, from `since` until before `until`.
CREATE TABLE finding_spans (
    connection_id bigint NOT NULL,
    finding_id bigint NOT NULL,
    state text NOT NULL,
    severity text NOT NULL,
    severity_rank smallint NOT NULL GENERATED ALWAYS AS (
        CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END
    ) STORED,
    standing smallint NOT NULL GENERATED ALWAYS AS (
        CASE state WHEN 'unknown' THEN 1 WHEN 'resolved' THEN 2 ELSE 0 END
    ) STORED,
    -- When it had been opened last.
    opened_at timestamptz NOT NULL,
    -- When its state had changed last: earlier than `since` where only the severity did.
    changed_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL DEFAULT 'infinity',
    CONSTRAINT finding_spans_pkey PRIMARY KEY (finding_id, since),
    CONSTRAINT finding_spans_finding_fkey FOREIGN KEY (finding_id) REFERENCES findings (finding_id),
    CONSTRAINT finding_spans_state_check CHECK (state IN ('open', 'not_rechecked', 'unknown', 'resolved')),
    CONSTRAINT finding_spans_severity_check CHECK (severity IN ('critical', 'high', 'medium', 'low'))
);

-- With the span itself, so that one that had ended is passed over without a look at its row.
CREATE INDEX finding_spans_standing_idx
    ON finding_spans (connection_id, standing, severity_rank, opened_at, finding_id, since, until);
CREATE INDEX finding_spans_all_idx
    ON finding_spans (connection_id, severity_rank, opened_at, finding_id, since, until);

INSERT INTO finding_spans (connection_id, finding_id, state, severity, opened_at, changed_at, since, until)
SELECT
    findings.connection_id,
    finding_id,
    event.state,
    event.severity,
    COALESCE(
        max(event.at) FILTER (WHERE event.event IN ('opened', 'reopened')) OVER earlier,
        findings.first_seen_at
    ),
    event.at,
    event.at,
    COALESCE(lead(event.at) OVER life, 'infinity')
FROM (
    -- Of two in one moment the later holds.
    SELECT DISTINCT ON (finding_id, at) *
    FROM finding_events
    ORDER BY finding_id, at, evaluation_id DESC
) AS event
JOIN findings USING (finding_id)
WINDOW
    life AS (PARTITION BY finding_id ORDER BY event.at),
    earlier AS (PARTITION BY finding_id ORDER BY event.at ROWS UNBOUNDED PRECEDING);

-- What evaluations count of a rule, on assets of a type in a subscription, by severity: checks by verdict, findings by state.
-- A row says all the counts of its key as of then; only keys whose counts changed have one, and in a base all keys do.
CREATE TABLE tally_changes (
    at timestamptz NOT NULL,
    evaluation_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    rule_id text NOT NULL,
    asset_type text NOT NULL,
    subscription text NOT NULL,
    severity text NOT NULL,
    checks_pass integer NOT NULL,
    checks_fail integer NOT NULL,
    checks_unknown integer NOT NULL,
    checks_not_applicable integer NOT NULL,
    findings_open integer NOT NULL,
    findings_not_rechecked integer NOT NULL,
    findings_unknown integer NOT NULL,
    findings_resolved integer NOT NULL,
    CONSTRAINT tally_changes_pkey PRIMARY KEY (
        connection_id, at, evaluation_id, rule_id, asset_type, subscription, severity
    ),
    CONSTRAINT tally_changes_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id)
) PARTITION BY RANGE (at);

-- The evaluations that wrote all tallies: the first of each month, so that any moment needs a month of rows at most.
CREATE TABLE tally_bases (
    evaluation_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT tally_bases_pkey PRIMARY KEY (evaluation_id),
    CONSTRAINT tally_bases_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id)
);

CREATE INDEX tally_bases_connection_idx ON tally_bases (connection_id, at DESC, evaluation_id DESC);

-- Projection: the tallies as of the latest evaluation.
CREATE TABLE current_tallies (
    connection_id bigint NOT NULL,
    rule_id text NOT NULL,
    asset_type text NOT NULL,
    subscription text NOT NULL,
    severity text NOT NULL,
    checks_pass integer NOT NULL,
    checks_fail integer NOT NULL,
    checks_unknown integer NOT NULL,
    checks_not_applicable integer NOT NULL,
    findings_open integer NOT NULL,
    findings_not_rechecked integer NOT NULL,
    findings_unknown integer NOT NULL,
    findings_resolved integer NOT NULL,
    -- The evaluation that changed it last.
    evaluation_id bigint NOT NULL,
    CONSTRAINT current_tallies_pkey PRIMARY KEY (connection_id, rule_id, asset_type, subscription, severity)
);

CREATE OR REPLACE FUNCTION ensure_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    month_start timestamptz := date_trunc('month', moment, 'UTC');
    month_end timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
    parent text;
    partition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['asset_changes', 'verdict_changes', 'finding_events', 'tally_changes'] LOOP
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

SELECT ensure_month(month) FROM (SELECT DISTINCT date_trunc('month', at, 'UTC') AS month FROM evaluations) AS months;

-- What was counted before: each change of a verdict and each event of a finding takes from one tally and adds to another.
INSERT INTO tally_changes
SELECT
    at, evaluation_id, connection_id, rule_id, asset_type, subscription, severity,
    sum(checks_pass) OVER key, sum(checks_fail) OVER key, sum(checks_unknown) OVER key,
    sum(checks_not_applicable) OVER key, sum(findings_open) OVER key, sum(findings_not_rechecked) OVER key,
    sum(findings_unknown) OVER key, sum(findings_resolved) OVER key
FROM (
    SELECT
        at, evaluation_id, step.connection_id, rule_id, asset_type, split_part(asset_id, '/', 3) AS subscription, severity,
        sum(CASE word WHEN 'check pass' THEN number ELSE 0 END) AS checks_pass,
        sum(CASE word WHEN 'check fail' THEN number ELSE 0 END) AS checks_fail,
        sum(CASE word WHEN 'check unknown' THEN number ELSE 0 END) AS checks_unknown,
        sum(CASE word WHEN 'check not_applicable' THEN number ELSE 0 END) AS checks_not_applicable,
        sum(CASE word WHEN 'finding open' THEN number ELSE 0 END) AS findings_open,
        sum(CASE word WHEN 'finding not_rechecked' THEN number ELSE 0 END) AS findings_not_rechecked,
        sum(CASE word WHEN 'finding unknown' THEN number ELSE 0 END) AS findings_unknown,
        sum(CASE word WHEN 'finding resolved' THEN number ELSE 0 END) AS findings_resolved
    FROM (
        SELECT at, evaluation_id, connection_id, asset_id, rule_id, severity, 'check ' || verdict AS word, 1 AS number
        FROM verdict_changes
        WHERE verdict IS NOT NULL
        UNION ALL
        SELECT at, evaluation_id, connection_id, asset_id, rule_id, severity_before, 'check ' || verdict_before, -1
        FROM (
            SELECT
                *,
                lag(verdict) OVER life AS verdict_before,
                lag(severity) OVER life AS severity_before
            FROM verdict_changes
            WINDOW life AS (PARTITION BY connection_id, asset_id, rule_id ORDER BY at, evaluation_id)
        ) AS verdict
        WHERE verdict_before IS NOT NULL
        UNION ALL
        SELECT at, evaluation_id, connection_id, asset_id, rule_id, event.severity, 'finding ' || event.state, 1
        FROM finding_events AS event
        JOIN findings USING (finding_id)
        UNION ALL
        SELECT at, evaluation_id, connection_id, asset_id, rule_id, severity_before, 'finding ' || state_before, -1
        FROM (
            SELECT
                finding_id, at, evaluation_id,
                lag(state) OVER life AS state_before,
                lag(severity) OVER life AS severity_before
            FROM finding_events
            WINDOW life AS (PARTITION BY finding_id ORDER BY at, evaluation_id)
        ) AS event
        JOIN findings USING (finding_id)
        WHERE state_before IS NOT NULL
    ) AS step
    JOIN (
        SELECT DISTINCT ON (connection_id, asset_id) connection_id, asset_id, identity ->> 'asset_type' AS asset_type
        FROM asset_changes
        WHERE identity IS NOT NULL
        ORDER BY connection_id, asset_id, at DESC, snapshot_id DESC
    ) AS asset USING (connection_id, asset_id)
    GROUP BY at, evaluation_id, step.connection_id, rule_id, asset_type, split_part(asset_id, '/', 3), severity
) AS moved
WINDOW key AS (
    PARTITION BY connection_id, rule_id, asset_type, subscription, severity
    ORDER BY at, evaluation_id
);

INSERT INTO tally_bases (evaluation_id, connection_id, at)
SELECT DISTINCT ON (connection_id) evaluation_id, connection_id, at
FROM evaluations
ORDER BY connection_id, at, evaluation_id;

-- Counted anew, because the severity of a finding may change without an event.
INSERT INTO current_tallies
SELECT
    counted.connection_id, rule_id, asset_type, subscription, severity,
    sum(CASE word WHEN 'check pass' THEN number ELSE 0 END),
    sum(CASE word WHEN 'check fail' THEN number ELSE 0 END),
    sum(CASE word WHEN 'check unknown' THEN number ELSE 0 END),
    sum(CASE word WHEN 'check not_applicable' THEN number ELSE 0 END),
    sum(CASE word WHEN 'finding open' THEN number ELSE 0 END),
    sum(CASE word WHEN 'finding not_rechecked' THEN number ELSE 0 END),
    sum(CASE word WHEN 'finding unknown' THEN number ELSE 0 END),
    sum(CASE word WHEN 'finding resolved' THEN number ELSE 0 END),
    (SELECT max(evaluation_id) FROM evaluations WHERE evaluations.connection_id = counted.connection_id)
FROM (
    SELECT
        current_verdicts.connection_id, rule_id, asset_type, subscription, severity,
        'check ' || verdict AS word, count(*) AS number
    FROM current_verdicts
    JOIN current_assets USING (connection_id, asset_id)
    GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT connection_id, rule_id, asset_type, split_part(asset_id, '/', 3), severity, 'finding ' || state, count(*)
    FROM findings
    GROUP BY 1, 2, 3, 4, 5, 6
) AS counted
GROUP BY counted.connection_id, rule_id, asset_type, subscription, severity;

CREATE TRIGGER tally_changes_insert_only BEFORE UPDATE OR DELETE ON tally_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tally_bases_insert_only BEFORE UPDATE OR DELETE ON tally_bases
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tally_changes_no_truncate BEFORE TRUNCATE ON tally_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tally_bases_no_truncate BEFORE TRUNCATE ON tally_bases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
