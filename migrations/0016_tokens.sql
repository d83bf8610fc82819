-- Tokens with which programs ask, such as one that fetches a report every night.

CREATE TABLE tokens (
    token_id bigint GENERATED ALWAYS AS IDENTITY,
    -- What is written down of what the program does.
    person_id bigint NOT NULL,
    name text NOT NULL,
    -- SHA-256 of what was shown once.
    token_digest bytea NOT NULL,
    -- The domain's grants: [{"role": "auditor"}].
    grants jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT tokens_pkey PRIMARY KEY (token_id),
    CONSTRAINT tokens_token_key UNIQUE (token_digest),
    CONSTRAINT tokens_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id)
);

CREATE INDEX tokens_person_idx ON tokens (person_id);
