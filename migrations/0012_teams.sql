-- Teams: which assets are whose, by rules that an organisation orders, now and at any time before.

-- The latest row holds, from the next evaluation on.
CREATE TABLE routing_changes (
    routing_change_id bigint GENERATED ALWAYS AS IDENTITY,
    -- The domain's `Routing`: teams, and rules in order.
    routing jsonb NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT routing_changes_pkey PRIMARY KEY (routing_change_id)
);

-- What an evaluation adds is the changes against the one before.
CREATE TABLE owner_changes (
    at timestamptz NOT NULL,
    evaluation_id bigint NOT NULL,
    asset_number bigint NOT NULL,
    -- NULL: it is nobody's any more.
    team text,
    CONSTRAINT owner_changes_pkey PRIMARY KEY (asset_number, at, evaluation_id),
    CONSTRAINT owner_changes_asset_fkey FOREIGN KEY (asset_number) REFERENCES assets (asset_number),
    CONSTRAINT owner_changes_evaluation_fkey FOREIGN KEY (evaluation_id) REFERENCES evaluations (evaluation_id)
) PARTITION BY RANGE (at);

-- Projection: whose assets are as of the latest evaluation, those that are gone included; none for nobody's.
CREATE TABLE asset_owners (
    asset_number bigint NOT NULL,
    team text NOT NULL,
    CONSTRAINT asset_owners_pkey PRIMARY KEY (asset_number),
    CONSTRAINT asset_owners_asset_fkey FOREIGN KEY (asset_number) REFERENCES assets (asset_number)
);

-- What lists filter by; NULL: nobody's.
ALTER TABLE findings ADD COLUMN team text;
ALTER TABLE finding_spans ADD COLUMN team text;

-- A row counts the assets of a subscription, or those of a team; the other of the two is empty.
ALTER TABLE tally_changes
    ADD COLUMN team text NOT NULL DEFAULT '',
    ADD CONSTRAINT tally_changes_of_check CHECK ((subscription = '') <> (team = '')),
    DROP CONSTRAINT tally_changes_pkey,
    ADD CONSTRAINT tally_changes_pkey PRIMARY KEY (
        connection_id, at, evaluation_id, rule_id, asset_type, subscription, team, severity
    );
ALTER TABLE current_tallies
    ADD COLUMN team text NOT NULL DEFAULT '',
    ADD CONSTRAINT current_tallies_of_check CHECK ((subscription = '') <> (team = '')),
    DROP CONSTRAINT current_tallies_pkey,
    ADD CONSTRAINT current_tallies_pkey PRIMARY KEY (
        connection_id, rule_id, asset_type, subscription, team, severity
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
    FOREACH parent IN ARRAY ARRAY[
        'asset_changes', 'owner_changes', 'verdict_changes', 'finding_events', 'tally_changes'
    ] LOOP
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

CREATE TRIGGER routing_changes_insert_only BEFORE UPDATE OR DELETE ON routing_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER routing_changes_no_truncate BEFORE TRUNCATE ON routing_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER owner_changes_insert_only BEFORE UPDATE OR DELETE ON owner_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER owner_changes_no_truncate BEFORE TRUNCATE ON owner_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
