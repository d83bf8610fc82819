-- The decision log: who decided or configured what, each entry with the hash of the one before.

-- What is hashed, and how to check it without Postern, is said in `postern_domain::decision`.
CREATE TABLE decisions (
    -- 1, 2, 3 …: without a gap, so that an entry that is gone is missed.
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    -- NULL: not somebody who signed in.
    person_id bigint,
    who text NOT NULL,
    address text,
    action text NOT NULL,
    subject text,
    reason text,
    -- JSON as text: what is hashed is byte for byte what is stored.
    before text,
    after text,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT decisions_pkey PRIMARY KEY (number),
    CONSTRAINT decisions_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id),
    CONSTRAINT decisions_number_check CHECK (number > 0)
);

CREATE INDEX decisions_at_idx ON decisions (at, number);

CREATE TRIGGER decisions_insert_only BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_no_truncate BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
