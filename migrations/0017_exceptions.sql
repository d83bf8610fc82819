-- Exceptions: decisions to accept findings until a moment.

-- The latest row holds for what is done from then on.
CREATE TABLE exception_policy_changes (
    exception_policy_change_id bigint GENERATED ALWAYS AS IDENTITY,
    -- The domain's `ExceptionPolicy`.
    policy jsonb NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT exception_policy_changes_pkey PRIMARY KEY (exception_policy_change_id)
);

-- What an exception is from the beginning, and as a projection how the last act left it.
CREATE TABLE exceptions (
    exception_id bigint GENERATED ALWAYS AS IDENTITY,
    -- All that it covers is of one connection.
    connection_id bigint NOT NULL,
    -- The exception that it is an extension of.
    extends bigint,
    -- What the form had that made it: one that is sent twice makes one exception.
    form_key text NOT NULL,
    -- How many acts there are.
    acts integer NOT NULL,
    -- That its end has come is never written: whoever reads compares `until` with the time.
    state text NOT NULL,
    owner bigint NOT NULL,
    -- The end asked for, and once it was approved the one that was granted.
    until timestamptz NOT NULL,
    filed_by bigint,
    filed_at timestamptz,
    -- The worst of what it covers; NULL for drafts.
    severity text,
    changed_at timestamptz NOT NULL,
    CONSTRAINT exceptions_pkey PRIMARY KEY (exception_id),
    CONSTRAINT exceptions_form_key UNIQUE (form_key),
    CONSTRAINT exceptions_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (connection_id),
    CONSTRAINT exceptions_extends_fkey FOREIGN KEY (extends) REFERENCES exceptions (exception_id),
    CONSTRAINT exceptions_owner_fkey FOREIGN KEY (owner) REFERENCES people (person_id),
    CONSTRAINT exceptions_filed_by_fkey FOREIGN KEY (filed_by) REFERENCES people (person_id),
    CONSTRAINT exceptions_state_check CHECK (
        state IN ('draft', 'requested', 'approved', 'rejected', 'withdrawn', 'revoked', 'superseded', 'void')
    ),
    CONSTRAINT exceptions_severity_check CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    CONSTRAINT exceptions_filed_check CHECK ((filed_by IS NULL) = (filed_at IS NULL))
);

CREATE INDEX exceptions_state_idx ON exceptions (connection_id, state, until);

-- What was done, and what each act left: the state at any moment is that of the last act by then.
CREATE TABLE exception_acts (
    exception_id bigint NOT NULL,
    -- 0 is the first draft; 1, 2, 3 … are acts.
    number integer NOT NULL,
    at timestamptz NOT NULL,
    -- NULL: an evaluation did it.
    person_id bigint,
    -- The domain's `Act`; NULL for the first draft.
    act jsonb,
    -- The domain's `Exception` after it.
    exception jsonb NOT NULL,
    CONSTRAINT exception_acts_pkey PRIMARY KEY (exception_id, number),
    CONSTRAINT exception_acts_exception_fkey FOREIGN KEY (exception_id) REFERENCES exceptions (exception_id),
    CONSTRAINT exception_acts_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id),
    CONSTRAINT exception_acts_first_check CHECK ((number = 0) = (act IS NULL))
);

CREATE TRIGGER exception_policy_changes_insert_only BEFORE UPDATE OR DELETE ON exception_policy_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_policy_changes_no_truncate BEFORE TRUNCATE ON exception_policy_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_acts_insert_only BEFORE UPDATE OR DELETE ON exception_acts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_acts_no_truncate BEFORE TRUNCATE ON exception_acts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Projection: from when until when a request waits for a decision on a finding, or a finding is accepted.
CREATE TABLE exception_spans (
    exception_id bigint NOT NULL,
    finding_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    -- `requested` or `accepted`.
    kind text NOT NULL,
    since timestamptz NOT NULL,
    -- The end that was granted.
    granted_until timestamptz NOT NULL DEFAULT 'infinity',
    -- When it was over before that: decided, withdrawn, revoked, superseded, void.
    ended_at timestamptz NOT NULL DEFAULT 'infinity',
    until timestamptz NOT NULL GENERATED ALWAYS AS (LEAST(granted_until, ended_at)) STORED,
    -- The document and the verdict that the accepted state was compared with last; NULL: with none yet.
    compared_hash bytea,
    compared_verdict bytea,
    CONSTRAINT exception_spans_pkey PRIMARY KEY (exception_id, finding_id, kind, since),
    CONSTRAINT exception_spans_exception_fkey FOREIGN KEY (exception_id) REFERENCES exceptions (exception_id),
    CONSTRAINT exception_spans_finding_fkey FOREIGN KEY (finding_id) REFERENCES findings (finding_id),
    CONSTRAINT exception_spans_kind_check CHECK (kind IN ('requested', 'accepted')),
    CONSTRAINT exception_spans_granted_check CHECK ((kind = 'requested') = (granted_until = 'infinity'))
);

CREATE INDEX exception_spans_until_idx ON exception_spans (connection_id, until, since);
CREATE INDEX exception_spans_finding_idx ON exception_spans (finding_id);
