-- People: who signs in, for how long, and by what right.

CREATE TABLE people (
    person_id bigint GENERATED ALWAYS AS IDENTITY,
    -- Who vouches for them, and under which name: the `iss` and `sub` of an OpenID provider's ID token.
    issuer text NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    email text,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (person_id),
    CONSTRAINT people_subject_key UNIQUE (issuer, subject)
);

-- Browsers that are on their way to the provider and back.
CREATE TABLE sign_ins (
    -- SHA-256 of the `state` that the provider gives back, and of what the browser's cookie holds.
    state_digest bytea NOT NULL,
    browser_digest bytea NOT NULL,
    nonce text NOT NULL,
    code_verifier text NOT NULL,
    -- The path to go to afterwards.
    return_to text NOT NULL,
    began_at timestamptz NOT NULL,
    CONSTRAINT sign_ins_pkey PRIMARY KEY (state_digest)
);

CREATE INDEX sign_ins_began_idx ON sign_ins (began_at);

CREATE TABLE sessions (
    session_id bigint GENERATED ALWAYS AS IDENTITY,
    -- SHA-256 of what the browser's cookie holds, which nobody else knows.
    token_digest bytea NOT NULL,
    person_id bigint NOT NULL,
    -- What the provider said that roles follow from: {"groups": ["nlp"]}.
    claims jsonb NOT NULL,
    began_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    -- Whatever happens, it holds no longer.
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT sessions_token_key UNIQUE (token_digest),
    CONSTRAINT sessions_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id)
);

CREATE INDEX sessions_person_idx ON sessions (person_id);
CREATE INDEX sessions_ends_idx ON sessions (ends_at);
