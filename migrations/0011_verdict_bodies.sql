-- What repeats is stored once: the ids of assets, which each verdict repeated in its table and in the index, and what
-- verdicts say, which is much the same on asset after asset and day after day.

-- Every asset that was ever seen.
CREATE TABLE assets (
    asset_number bigint GENERATED ALWAYS AS IDENTITY,
    connection_id bigint NOT NULL,
    asset_id text NOT NULL,
    CONSTRAINT assets_pkey PRIMARY KEY (asset_number),
    CONSTRAINT assets_id_key UNIQUE (connection_id, asset_id),
    CONSTRAINT assets_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id)
);

-- By connection, so that two that are judged at the same time do not wait for each other.
CREATE TABLE verdict_bodies (
    connection_id bigint NOT NULL,
    -- `verdict_body_digest` of the other two.
    body_digest bytea NOT NULL,
    summary text NOT NULL,
    evidence jsonb NOT NULL,
    CONSTRAINT verdict_bodies_pkey PRIMARY KEY (connection_id, body_digest),
    CONSTRAINT verdict_bodies_digest_check CHECK (length(body_digest) = 32)
);

-- SHA-256 of the texts with a line break between them, which is the last one: JSON as Postgres writes it has none.
CREATE FUNCTION verdict_body_digest(summary text, evidence jsonb) RETURNS bytea
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN sha256(convert_to(summary || E'\n' || evidence::text, 'UTF8'));

INSERT INTO assets (connection_id, asset_id)
SELECT connection_id, asset_id
FROM (
    SELECT connection_id, asset_id FROM asset_changes
    UNION
    SELECT connection_id, asset_id FROM verdict_changes
    UNION
    SELECT connection_id, asset_id FROM current_assets
) AS seen
ORDER BY connection_id, asset_id;

CREATE TEMP TABLE older_changes ON COMMIT DROP AS
SELECT
    at, evaluation_id, connection_id, asset_number, rule_id, pack_digest, verdict, severity, summary, evidence,
    verdict_body_digest(summary, evidence) AS body_digest
FROM verdict_changes
JOIN assets USING (connection_id, asset_id);

CREATE TEMP TABLE older_verdicts ON COMMIT DROP AS
SELECT asset_number, rule_id, pack_digest, verdict, severity, verdict_digest, since
FROM current_verdicts
JOIN assets USING (connection_id, asset_id);

INSERT INTO verdict_bodies (connection_id, body_digest, summary, evidence)
SELECT DISTINCT ON (connection_id, body_digest) connection_id, body_digest, summary, evidence
FROM older_changes
WHERE body_digest IS NOT NULL
ORDER BY connection_id, body_digest;

DROP TABLE verdict_changes;
DROP TABLE current_verdicts;

-- What an evaluation adds is the changes against the one before.
CREATE TABLE verdict_changes (
    at timestamptz NOT NULL,
    evaluation_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    asset_number bigint NOT NULL,
    rule_id text NOT NULL,
    pack_digest bytea NOT NULL,
    -- NULL: the check ended, because the asset or the rule is gone.
    verdict text,
    severity text,
    -- What it says.
    body_digest bytea,
    CONSTRAINT verdict_changes_pkey PRIMARY KEY (asset_number, rule_id, at, evaluation_id),
    CONSTRAINT verdict_changes_asset_fkey FOREIGN KEY (asset_number) REFERENCES assets (asset_number),
    CONSTRAINT verdict_changes_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id),
    CONSTRAINT verdict_changes_pack_fkey FOREIGN KEY (pack_digest) REFERENCES packs (pack_digest),
    CONSTRAINT verdict_changes_body_fkey FOREIGN KEY (connection_id, body_digest)
        REFERENCES verdict_bodies (connection_id, body_digest),
    CONSTRAINT verdict_changes_verdict_check CHECK (verdict IN ('pass', 'fail', 'unknown', 'not_applicable')),
    CONSTRAINT verdict_changes_severity_check CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    CONSTRAINT verdict_changes_whole_check CHECK (
        (verdict IS NULL) = (severity IS NULL) AND (verdict IS NULL) = (body_digest IS NULL)
    )
) PARTITION BY RANGE (at);

CREATE TRIGGER verdict_changes_insert_only BEFORE UPDATE OR DELETE ON verdict_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdict_changes_no_truncate BEFORE TRUNCATE ON verdict_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

SELECT ensure_month(month) FROM (SELECT DISTINCT date_trunc('month', at, 'UTC') AS month FROM evaluations) AS months;

INSERT INTO verdict_changes (
    at, evaluation_id, connection_id, asset_number, rule_id, pack_digest, verdict, severity, body_digest
)
SELECT at, evaluation_id, connection_id, asset_number, rule_id, pack_digest, verdict, severity, body_digest
FROM older_changes
ORDER BY at, evaluation_id, asset_number, rule_id;

-- Projection: the verdicts as of the latest evaluation. What one says stands in `verdict_changes` at `since`.
CREATE TABLE current_verdicts (
    asset_number bigint NOT NULL,
    rule_id text NOT NULL,
    pack_digest bytea NOT NULL,
    verdict text NOT NULL,
    severity text NOT NULL,
    -- SHA-256 over verdict, severity, summary and evidence; NULL where an older Postern judged last.
    verdict_digest bytea,
    -- Since when the verdict and its evidence are as they are.
    since timestamptz NOT NULL,
    CONSTRAINT current_verdicts_pkey PRIMARY KEY (asset_number, rule_id),
    CONSTRAINT current_verdicts_asset_fkey FOREIGN KEY (asset_number) REFERENCES assets (asset_number),
    CONSTRAINT current_verdicts_digest_check CHECK (length(verdict_digest) = 32)
);

INSERT INTO current_verdicts
SELECT asset_number, rule_id, pack_digest, verdict, severity, verdict_digest, since
FROM older_verdicts
ORDER BY asset_number, rule_id;

-- Most scans find most assets as they were: one digest tells, and nothing else is read of them.
ALTER TABLE current_assets
    -- Over all that the latest evaluation said of it, rule by rule; NULL where none did, or an older Postern's.
    ADD COLUMN verdicts_digest bytea,
    ADD CONSTRAINT current_assets_verdicts_check CHECK (length(verdicts_digest) = 32);

CREATE TRIGGER assets_insert_only BEFORE UPDATE OR DELETE ON assets
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assets_no_truncate BEFORE TRUNCATE ON assets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdict_bodies_insert_only BEFORE UPDATE OR DELETE ON verdict_bodies
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdict_bodies_no_truncate BEFORE TRUNCATE ON verdict_bodies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
